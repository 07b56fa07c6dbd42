"""Sets of advice that a project switches on by one name: `celery-preset = strict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: What is right nearly everywhere, with few findings each.
_RECOMMENDED: Final = {
    "CEL350": "late acknowledgement also when the worker is killed",
    "CEL151": "the end of the time limit is not swallowed",
    "CEL351": "automatic retries wait longer each time",
    "CEL353": "work that is of no use late expires",
    "CEL354": "retries end",
    "CEL355": "no task is lost on deployment",
    "CEL359": "a task that failed says so",
    "CEL552": "a misspelt queue is no new queue",
    "CEL554": "priorities have a maximum to be counted by",
    "CEL650": "a chain ends",
    "CEL751": "a run ends before the next begins",
    "CEL752": "schedules say which time they mean",
    "CEL851": "late acknowledgement with a prefetch of one",
    "CEL852": "results that are read are kept",
    "CEL854": "no setting that nothing reads",
    "CEL953": "nothing that is to go",
}

#: Preset -> the code of each advice in it -> what a task keeps to then.
PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "recommended": _RECOMMENDED,
    "strict": {
        **_RECOMMENDED,
        "CEL150": "every task has a limit",
        "CEL153": "many messages are sent as one group",
        "CEL154": "servers are asked side by side",
        "CEL155": "a group has a size that is known",
        "CEL250": "counters are counted by the database",
        "CEL251": "a second run does no harm",
        "CEL252": "what belongs together is written together",
        "CEL253": "tasks are sent by those who act, not by save()",
        "CEL352": "retries of many tasks don't come at once",
        "CEL356": "only named errors are retried",
        "CEL357": "a retry waits",
        "CEL450": "names are written out",
        "CEL452": "no secrets in messages",
        "CEL550": "queues are chosen by urgency",
        "CEL551": "queues instead of priorities",
        "CEL750": "a periodic task does not pile up",
        "CEL753": "steps that are as long as they say",
        "CEL850": "results expire",
        "CEL853": "a worker waits for its broker on purpose",
        "CEL951": "tasks run in workers",
        "CEL952": "what wraps a task also runs in the worker",
        "CEL954": "each log line names its task",
    },
}

#: Advice that says nothing until an option is set.
NEEDS: Final[Mapping[str, str]] = {
    "CEL353": "celery-expiring-tasks",
    "CEL355": "celery-shutdown-grace",
}


def codes(preset: str) -> frozenset[str]:
    """The codes of a preset; none for an empty name."""
    return frozenset(PRESETS.get(preset, ()))
