"""How sure a claim may be; `docs/values.md` says which claim needs which degree.

*Known*: read, every way it may be. *Likely*: nothing that can be read speaks against Celery's own
default, and what can't be read shows no sign of anything else. *Unknown*: all else; nothing is
claimed. An answer that is likely is given by `assume`: then every finding that rests on it says so,
whichever rule asked.
"""

from __future__ import annotations

from typing import Final

TASK_CLASS: Final = "the Task class can't be read, taken for Celery's own"
BASE_CLASS: Final = "the Task class has a base that can't be read"
SETTINGS: Final = "nothing in reach configures the application"
SERIALIZER: Final = "no other serializer is named, taken for JSON"

_assumed: dict[str, None] = {}


def assume(what: str) -> bool:
    """Say that an answer is only likely, and why; always true."""
    _assumed[what] = None
    return True


def begin() -> None:
    """Forget what was assumed so far: another judgement starts."""
    if _assumed:
        _assumed.clear()


def suffix() -> str:
    """What a finding adds to its message; empty where all is known."""
    return f" (likely: {'; '.join(_assumed)})" if _assumed else ""
