"""ISO 8601 texts as Celery takes them for `eta` and `expires`.

Source: `celery.utils.time.maybe_iso8601` and `dateutil.parser.isoparse`.
"""

from __future__ import annotations

import re
from typing import Final

# The year goes through `int()`, which takes a sign, blanks and underscores too.
_DATE: Final = re.compile(r"[-+\s_\d]{4}")


def iso_problem(text: str) -> bool:
    """Tell whether a text certainly is no ISO 8601 date: it does not begin like one.

    An empty text counts as no date given.

    Says no more than that: what begins with a year may still be wrong further on.
    """
    return bool(text) and _DATE.match(text) is None
