from __future__ import annotations

from typing import Any

from celery.result import AsyncResult

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Task, shared_task

    seen = []

    class Reporting(Task):
        def {hook}(self, {parameters}):
            seen.append("{hook}")

    @shared_task(base=Reporting)
    def charge():
        raise ValueError("no money")

    @shared_task(base=Reporting)
    def refund():
        return 1
    """


def at_last(proof: Proof, result: AsyncResult) -> tuple[str, type[Any]]:
    """The state and the error's type once the hooks are through."""
    proof.finish(result)
    proof.settle(result)
    later = AsyncResult(result.id, app=proof.app)
    return later.state, type(later.result)


def test_own_error_is_lost(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(hook="on_failure", parameters="exc, task_id"))
    with proof.worker():
        assert at_last(proof, module.charge.delay()) == ("FAILURE", TypeError)


def test_no_run_gets_to_the_body(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(hook="before_start", parameters="task_id"))
    with proof.worker():
        state, error = proof.finish(module.refund.delay())
    assert state == "FAILURE"
    assert "before_start() takes" in str(error)


def test_hook_never_works(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(hook="on_success", parameters="retval"))
    with proof.worker():
        proof.finish(module.refund.delay())
    assert module.seen == []


def test_function_as_an_option_gets_the_task_first(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        def report(exc, task_id, args, kwargs, einfo): ...

        @shared_task(on_failure=report)
        def charge():
            raise ValueError("no money")
        """
    )
    with proof.worker():
        assert at_last(proof, module.charge.delay()) == ("FAILURE", TypeError)


def test_good(proof: Proof) -> None:
    for hook, parameters in (
        ("on_failure", "exc, task_id, args, kwargs, einfo"),
        ("on_failure", "*args"),
        ("on_failure", "exc, *rest, log=None"),
        ("on_failure", "exc, task_id, args, kwargs, einfo, more=None"),
    ):
        module = proof.good(SOURCE.format(hook=hook, parameters=parameters))
        with proof.worker():
            assert at_last(proof, module.charge.delay()) == ("FAILURE", ValueError)
        assert module.seen == [hook]
