from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery, current_app
    from celery.app.control import Inspect

    app = current_app._get_current_object()

    def look():
        {body}
    """
FAILING = [
    "return app.control.inspect(timeout=0.1).{method}().items()",
    "return len(current_app.control.inspect(timeout=0.1).{method}())",
    "return app.control.inspect(timeout=0.1).{method}()['a']",
    "found = app.control.inspect(timeout=0.1).{method}()\n        return list(found.values())",
    "asked = app.control.inspect(timeout=0.1)\n"
    "        return [one for one in asked.{method}().values()]",
]
FINE = [
    "return (app.control.inspect(timeout=0.1).active() or {}).items()",
    "found = app.control.inspect(timeout=0.1).active()\n        return found and found.items()",
    "found = app.control.inspect(timeout=0.1).active()\n        return print(found)",
    "return len(app.control.ping(timeout=0.1))",
    "try:\n            return app.control.inspect(timeout=0.1).active().items()\n"
    "        except AttributeError:\n            return None",
]


@pytest.mark.parametrize("body", FAILING)
def test_bad(proof: Proof, body: str) -> None:
    for method in ("active", "scheduled", "ping"):
        module = proof.bad(SOURCE.format(body=body.format(method=method)))
        with pytest.raises((AttributeError, TypeError)):
            module.look()


@pytest.mark.parametrize("body", FINE)
def test_good(proof: Proof, body: str) -> None:
    proof.good(SOURCE.format(body=body)).look()


def test_other_inspections(proof: Proof) -> None:
    for body in ("return inspect().active().items()", "return self.inspect().stats()['a']"):
        assert not proof.findings(SOURCE.format(body=body))
