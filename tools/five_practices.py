"""The page on the five practices: what each asks for, and what here holds a project to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from flake8_celery.core.engine.rule import Rule

ROOT: Final = Path(__file__).parent.parent


class Demand(NamedTuple):
    """One thing that a practice asks for."""

    what: str
    codes: tuple[int, ...]
    """The rules that see to it; those that are not registered are left out."""
    beside: str = ""
    """A command, an option or a page that helps, as Markdown."""


class Practice(NamedTuple):
    """One of the five."""

    title: str
    family: str
    """The folder of its rules; those that no demand names are listed after the demands."""
    demands: tuple[Demand, ...]


PRACTICES: Final = (
    Practice(
        "1. Keep tasks short",
        "limits",
        (
            Demand(
                "A task takes seconds, not minutes",
                (102, 103, 104, 751),
                "`flake8-celery practices`, [on a worker](tutorial.md#1-tasks-are-short)",
            ),
            Demand("Work from several sources is a chord", (154, 605, 606, 610, 611)),
            Demand(
                "Limits for all tasks and of their own, hard and soft",
                (101, 105, 106, 150),
                "`celery-require = time_limit`",
            ),
            Demand("What a task began is cleaned up at the soft limit", (101, 151)),
            Demand("Parallel work must not exhaust workers and broker", (153, 155, 750, 851)),
        ),
    ),
    Practice(
        "2. Idempotent and atomic",
        "atomicity",
        (
            Demand(
                "A second run does no harm",
                (250, 251, 312),
                "[on a worker](tutorial.md#2-a-second-run-does-no-harm)",
            ),
            Demand("Late acknowledgement only then", (251, 310, 317)),
            Demand(
                "Writes stand in a transaction, or are atomic by other means, and are seen by the "
                "task that they start",
                (201, 202, 203, 204, 205, 250, 252, 253),
                "`flake8-celery practices` lists who sends inside a transaction",
            ),
            Demand("What happens when a third party fails is decided", (104, 301, 302, 303, 921)),
        ),
    ),
    Practice(
        "3. Delivery is chosen",
        "delivery",
        (
            Demand(
                "Automatic retries, with backoff, an end and jitter",
                (304, 305, 306, 307, 308, 351, 354, 356),
                "`celery-forbid = max_retries=None`",
            ),
            Demand(
                "At least once, at most once, or now or never",
                (313, 314, 315, 316, 353, 922),
                "`celery-expiring-tasks`",
            ),
            Demand("What TERM leaves time for", (355, 921), "`celery-shutdown-grace`"),
            Demand(
                "Late acknowledgement with `reject_on_worker_lost`",
                (310, 317, 350),
                "[on a worker](tutorial.md#3-delivery-is-chosen)",
            ),
            Demand("Nothing waits or runs longer than the visibility timeout", (311, 312, 323)),
        ),
    ),
    Practice(
        "4. Signatures are a public interface",
        "contract",
        (
            Demand(
                "A signature is public: messages in flight keep to the old one",
                (401, 402, 403, 404, 405, 410, 412, 413),
                "[Changing a task](changing-a-task.md)",
            ),
            Demand(
                "Names are written out and stay",
                (406, 450, 909, 910),
                "`celery-task-name`",
            ),
            Demand(
                "New arguments have defaults",
                (411, 414),
                "[on a worker](tutorial.md#4-signatures-are-public)",
            ),
            Demand(
                "The checks are automated",
                (451, 454),
                "`flake8-celery lock --check`, `flake8-celery diff`, "
                "[shown on real workers](../tests/proofs/test_contract_in_vivo.py)",
            ),
        ),
    ),
    Practice(
        "5. Queues by urgency",
        "routing",
        (
            Demand(
                "Queues by urgency, not priorities",
                (504, 550, 551, 554),
                "`celery-require = queue`",
            ),
            Demand(
                "Only declared queues, and no missing ones created",
                (501, 502, 503, 507, 509, 552),
                "`celery-queues`, [on a worker](tutorial.md#5-queues-by-urgency)",
            ),
            Demand(
                "A place to try it",
                (),
                "[The tutorial](tutorial.md): a checkout in six versions, on real workers; "
                "[examples](../examples/README.md): a shop, and the shop mended",
            ),
        ),
    ),
)


def page(infos: Iterable[Rule]) -> str:
    """The page in Markdown, of the rules that there are."""
    known = {info.code: info for info in infos}
    parts = [
        "# The five practices\n\n"
        "What each practice asks for, the rules that see to it, and where real Celery shows that "
        "they are right. Rules in *italics* are off until they are selected; "
        "`celery-preset = strict` ([configuration](configuration.md)) selects them. "
        "`flake8-celery practices` shows a project's tasks against all five.\n"
    ]
    for practice in PRACTICES:
        parts.append(
            f"\n## {practice.title}\n\n| it asks for | rules | shown on Celery by | beside |\n"
        )
        parts.append("| --- | --- | --- | --- |\n")
        named: set[str] = set()
        for demand in practice.demands:
            codes = [code for number in demand.codes if (code := f"CEL{number}") in known]
            named.update(codes)
            parts.append(
                f"| {demand.what} | {_rules(codes, known)} | {_proofs(codes)} | {demand.beside} |\n"
            )
        more = [
            i.code for i in known.values() if i.family == practice.family and i.code not in named
        ]
        if more:
            parts.append(f"| (more) | {_rules(more, known)} | {_proofs(more)} | |\n")
    return "".join(parts)


def _rules(codes: Iterable[str], known: Mapping[str, Rule]) -> str:
    links = []
    for code in codes:
        link = f"[{code}](rules/{code}.md) {known[code].symbol}"
        links.append(link if known[code].default else f"*{link}*")
    return ", ".join(links)


def _proofs(codes: Iterable[str]) -> str:
    found = []
    for code in codes:
        proof = f"tests/proofs/test_{code.lower()}.py"
        if (ROOT / proof).exists():
            found.append(f"[{code[3:]}](../{proof})")
    return ", ".join(found)
