"""What Celery takes for `rate_limit`.

Source: `celery.utils.time.rate` and `celery/worker/consumer/consumer.py` (bucket_for_task).
"""

from __future__ import annotations

_MODIFIERS = frozenset({"s", "m", "h"})


def rate_problem(value: object) -> str | None:
    """Say what is wrong with a rate limit, or None.

    Right are None, a number (per second), and text such as `10/s`, `0.5/m`, `100/h`, `5`.
    """
    if value is None or isinstance(value, (int, float)):
        return None
    if not isinstance(value, str):
        return f"a rate limit is a number or text such as '10/m', not {type(value).__name__}"
    if not value:
        return None  # false: no limit
    amount, _, modifier = value.partition("/")
    if modifier not in _MODIFIERS and (modifier or "/" in value):
        if modifier:
            return f"{value!r}: the unit is s, m or h (a second, a minute, an hour)"
    try:
        float(amount)
    except ValueError:
        return f"{value!r}: {amount!r} is no number"
    return None
