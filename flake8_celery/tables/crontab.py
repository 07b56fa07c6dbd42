"""Crontab fields as Celery reads them: what it rejects, and what it takes for something else.

Source: `celery.schedules.crontab` and `crontab_parser`. A differential test holds these functions
against them. Month names and `from_string` exist since Celery 5.5; an impossible date (30 February)
raises since 5.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from flake8_celery.record import NamedTuple

FIELDS: Final = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
CRON_ORDER: Final = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
KEYWORDS: Final = frozenset({*FIELDS, "nowfun", "app"})
LIMITS: Final = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day_of_week": (0, 6),
    "day_of_month": (1, 31),
    "month_of_year": (1, 12),
}
DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAY_NUMBERS: Final = {name[:3]: number for number, name in enumerate(DAYS)}
_MONTH_NUMBERS: Final = {name[:3]: number for number, name in enumerate(MONTHS, 1)}
_NAMES: Final = {
    "day_of_week": {*DAYS, *_DAY_NUMBERS, "tues", "weds", "thur", "thurs"},
    "month_of_year": {*MONTHS, *_MONTH_NUMBERS, "sept"},
}
_DAYS_IN_MONTH: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MAX_TEXT: Final = 2000
MAX_ITEMS: Final = 2000
# The same patterns, tried in the same order and by prefix, as crontab_parser does.
_RANGE_STEP: Final = re.compile(r"(\w+?)-(\w+)/(\w+)?")
_RANGE: Final = re.compile(r"(\w+?)-(\w+)")
_STAR_STEP: Final = re.compile(r"\*/(\w+)?")


class Problem(NamedTuple):
    """What is wrong with a crontab: in which field, what is raised, and one line that teaches."""

    field: str
    exception: str
    text: str


class _Rejected(Exception):
    def __init__(self, exception: str, text: str) -> None:
        super().__init__(text)
        self.exception = exception
        self.text = text


def problem(
    fields: Mapping[str, object], *, version: tuple[int, int] | None = None, dates: bool = True
) -> Problem | None:
    """Say why `crontab(**fields)` raises, or never comes; None where it is fine.

    `fields` maps a field's name to the literal value given. `version` is Celery's; without it only
    what fails on every version since 5.3 is said. `dates` is false where the day or the month is
    not known, and may be one that comes.
    """
    sets: dict[str, Iterable[int]] = {}
    for name in FIELDS:
        value = fields.get(name, "*")
        low, high = LIMITS[name]
        if _too_large(value):
            return None
        try:
            numbers = _expand(value, name, low, high, version)
            for number in numbers:
                if number > high or number < low:
                    raise _Rejected("ValueError", _outside(number, name, low, high))
            sets[name] = numbers
        except _Rejected as rejected:
            return Problem(name, rejected.exception, rejected.text)
        except (TypeError, ValueError) as error:
            return Problem(name, type(error).__name__, f"{value!r} is no value for {name}")
    if dates:
        days, months = sets["day_of_month"], sets["month_of_year"]
        if not any(day <= _DAYS_IN_MONTH[int(month)] for month in months for day in days):
            raised = "ValueError" if version is None or version >= (5, 7) else NEVER
            return Problem("day_of_month", raised, "that date never comes")
    return None


#: In place of an exception, before Celery 5.7: the crontab is made, and beat fails with it.
NEVER: Final = ""


def from_string_problem(text: object, *, version: tuple[int, int] | None = None) -> Problem | None:
    """Say why `crontab.from_string(text)` raises, or None. Fields are in cron's own order."""
    if not isinstance(text, str):
        return Problem("", "AttributeError", f"from_string takes text, not {type(text).__name__}")
    if len(text) > MAX_TEXT:
        return None
    parts = text.split(" ")
    if len(parts) != len(CRON_ORDER):
        found = f"{len(parts)} parts found"
        return Problem("", "ValueError", f"five fields with one space between are wanted, {found}")
    return problem(dict(zip(CRON_ORDER, parts, strict=True)), version=version)


def _too_large(value: object) -> bool:
    if isinstance(value, (str, bytes)):
        return len(value) > MAX_TEXT
    return isinstance(value, (list, tuple, set, frozenset, range)) and len(value) > MAX_ITEMS


def _outside(number: object, name: str, low: int, high: int) -> str:
    text = f"{name} {number!r} is outside {low}-{high}"
    if name == "hour" and number == 24:
        return f"{text} (midnight is 0)"
    if name == "day_of_week" and number == 7:
        return f"{text} (Sunday is 0)"
    if name == "minute" and number == 60:
        return f"{text} (the full hour is 0)"
    return text


def _expand(
    value: object, name: str, low: int, high: int, version: tuple[int, int] | None
) -> Iterable[int]:
    if isinstance(value, int):
        return {value}
    if isinstance(value, str):
        found: set[int] = set()
        for part in value.split(","):
            if not part:
                raise _Rejected("ParseException", f"{name} {value!r} has an empty part")
            found.update(_part(part, name, low, high, version))
        return found
    if isinstance(value, (list, tuple, set, frozenset, range, bytes, dict)):
        return set(value)
    raise _Rejected("TypeError", f"{name} takes a number, text or a list, not {value!r}")


def _part(
    part: str, name: str, low: int, high: int, version: tuple[int, int] | None
) -> Iterable[int]:
    found = _RANGE_STEP.match(part)
    if found:
        if not found[3]:
            raise _Rejected("ParseException", f"{name} {part!r} has no step after the slash")
        numbers = _range(found[1], found[2], name, low, high, version)
        return numbers[:: _step(found[3], part, name)]
    found = _RANGE.match(part)
    if found:
        return _range(found[1], found[2], name, low, high, version)
    found = _STAR_STEP.match(part)
    if found:
        if not found[1]:
            raise _Rejected("ParseException", f"{name} {part!r} has no step after the slash")
        return range(low, high + 1)[:: _step(found[1], part, name)]
    if part == "*" or part == "*\n":
        return range(low, high + 1)
    return (_number(part, name, low, high, version),)


def _step(text: str, part: str, name: str) -> int:
    try:
        step = int(text)
    except ValueError:
        raise _Rejected("ValueError", f"{name} {part!r}: {text!r} is no step") from None
    if step == 0:
        raise _Rejected("ValueError", f"{name} {part!r} has a step of 0")
    return step


def _range(
    start: str, end: str, name: str, low: int, high: int, version: tuple[int, int] | None
) -> list[int]:
    first = _number(start, name, low, high, version)
    last = _number(end, name, low, high, version)
    if last < first:
        return [*range(first, high + 1), *range(low, last + 1)]
    return list(range(first, last + 1))


def _number(text: str, name: str, low: int, high: int, version: tuple[int, int] | None) -> int:
    if text[0] == "-":
        raise _Rejected("ParseException", f"{name} {text!r}: negative numbers are not supported")
    try:
        number = int(text)
    except ValueError:
        abbreviation = text[:3].lower()
        if version is not None and version < (5, 5):
            known = _DAY_NUMBERS
        else:
            # months are tried before days
            known = {**_DAY_NUMBERS, **_MONTH_NUMBERS}
        if abbreviation not in known:
            raise _Rejected("ValueError", f"{name} {text!r}: {_hint(text)}") from None
        number = known[abbreviation]
    if not low <= number <= high:
        raise _Rejected("ValueError", _outside(number, name, low, high))
    return number


def _hint(text: str) -> str:
    if text.startswith("@"):
        return "cron's macros are not supported"
    if text in ("?", "L") or "#" in text or text.endswith(("L", "W")):
        return "Quartz's signs are not supported"
    if text != text.strip():
        return "no spaces are allowed"
    if "/" in text:
        return "a step needs a range or a star before it"
    return "that is neither a number nor a name"


def misleading(fields: Mapping[str, object]) -> Problem | None:
    """Say what a crontab that Celery takes does not mean, or None where it says what it does."""
    for name in FIELDS:
        value = fields.get(name, "*")
        low, high = LIMITS[name]
        if isinstance(value, bytes):
            return Problem(name, "", f"{value!r} is read as the numbers {list(value)[:4]}")
        if isinstance(value, (list, tuple, set)) and not value:
            return Problem(name, "", f"an empty {name} never comes: beat fails at each tick")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            continue
        for part in value.split(","):
            star = _STAR_STEP.fullmatch(part)
            if star and star[1] and star[1].isdecimal() and int(star[1]) > high - low + 1:
                return Problem(
                    name, "", f"{part!r} steps past the end: it means {low}, once in its range"
                )
            for word in re.findall(r"[^\W\d_]+", part):
                told = _word(word.lower(), name)
                if told:
                    return Problem(name, "", told)
    return None


def _word(word: str, name: str) -> str | None:
    if word in _NAMES.get(name, ()):
        return None
    abbreviation = word[:3]
    number = _MONTH_NUMBERS.get(abbreviation, _DAY_NUMBERS.get(abbreviation))
    if number is None:
        return None
    for field, names in _NAMES.items():
        if word in names and field != name:
            return f"{word!r} names a {field.partition('_of_')[0]}; as {name} it means {number}"
    return f"{word!r} is read by its first three letters, as {abbreviation!r}"


def every_hour(fields: Mapping[str, object]) -> bool:
    """Tell whether the hour was left out by mistake: one minute, and only certain days."""
    minute = fields.get("minute")
    one = type(minute) is int or (isinstance(minute, str) and minute.isdigit())
    days = ("day_of_week", "day_of_month")
    return (
        one
        and "hour" not in fields
        and any(name in fields and fields[name] not in ("*", "*/1") for name in days)
    )


def every_minute(fields: Mapping[str, object]) -> bool:
    """Tell whether the minute was left out by mistake: a fixed hour, or only a coarser field."""
    if "minute" in fields:
        return False
    if "hour" not in fields:
        return any(name in fields and fields[name] not in ("*", "*/1") for name in FIELDS[2:])
    hour = fields["hour"]
    if isinstance(hour, str):
        if hour in ("*", "*/1"):
            return False
        # a plain range may mean each minute of the office hours
        return all(not _RANGE.fullmatch(part) for part in hour.split(","))
    if isinstance(hour, (list, tuple, set)):
        return 0 < len(hour) < 24
    return isinstance(hour, int)
