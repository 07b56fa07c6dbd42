"""The tables of facts, held against the Celery that is installed."""

from __future__ import annotations

import datetime
import inspect
import string

import celery
import pytest
from celery import Celery, schedules, signals
from celery.app.defaults import NAMESPACES, flatten
from celery.beat import ScheduleEntry
from celery.exceptions import ImproperlyConfigured
from celery.schedules import ParseException, crontab
from celery.utils.time import maybe_iso8601
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flake8_celery.tables import crontab as tables_crontab
from flake8_celery.tables.confusions import (
    CALL_CONFUSIONS,
    METHOD_CONFUSIONS,
    TASK_OPTION_CONFUSIONS,
    near_miss,
)
from flake8_celery.tables.crontab import (
    DAYS,
    KEYWORDS,
    MONTHS,
    every_minute,
    from_string_problem,
    misleading,
    problem,
)
from flake8_celery.tables.execution import APPLY_ASYNC
from flake8_celery.tables.isodate import iso_problem
from flake8_celery.tables.messaging import (
    BEAT_ENTRY_KEYS,
    CRONTAB_PARAMETERS,
    EXCHANGE_PARAMETERS,
    QUEUE_PARAMETERS,
    SIGNALS,
)
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS
from flake8_celery.tables.task import TASK_METHODS, TASK_OPTIONS

VERSION = tuple(int(part) for part in celery.__version__.split(".")[:2])
NEWEST = pytest.mark.skipif(VERSION < (5, 7), reason="the tables are those of Celery 5.7")


# -- crontabs: every literal value judged as Celery judges it

WORDS = [*DAYS, *MONTHS, "sun", "tues", "weds", "thurs", "sept", "xyz", "m"]
NUMBERS = st.one_of(st.integers(-3, 70), st.sampled_from([0, 1, 6, 7, 12, 13, 23, 24, 31, 59, 60]))
ATOMS = st.one_of(NUMBERS.map(str), st.sampled_from(WORDS), st.just("*"), st.just(""))
PARTS = st.one_of(
    ATOMS,
    st.tuples(ATOMS, ATOMS).map("-".join),
    st.tuples(ATOMS, ATOMS).map("/".join),
    st.tuples(ATOMS, ATOMS, ATOMS).map(lambda t: f"{t[0]}-{t[1]}/{t[2]}"),
    st.text("0123456789*-/, abcmonT", max_size=6),
)
TEXTS = st.one_of(PARTS, st.lists(PARTS, min_size=1, max_size=3).map(",".join))
VALUES = st.one_of(
    NUMBERS,
    TEXTS,
    st.lists(NUMBERS, max_size=3),
    st.lists(TEXTS, max_size=2),
    st.lists(NUMBERS, max_size=3).map(tuple),
    st.frozensets(NUMBERS, max_size=3),
    st.none(),
    st.booleans(),
    st.floats(-2, 70),
    st.binary(max_size=2),
)
FIELDS = st.dictionaries(st.sampled_from(tables_crontab.FIELDS), VALUES, max_size=3)


def rejected(fields: dict[str, object]) -> str:
    """The name of the exception that Celery raises, or an empty text."""
    try:
        made = crontab(**fields)  # type: ignore[arg-type]
        del made
    except (ValueError, TypeError, ParseException, AttributeError, KeyError) as error:
        return type(error).__name__
    return ""


def judged(fields: dict[str, object], theirs: str) -> None:
    """Our verdict is theirs; so is the exception, where one field alone is wrong."""
    ours = problem(fields, version=VERSION)
    assert (ours is not None) == bool(theirs)
    alone = [n for n, v in fields.items() if problem({n: v}, version=VERSION)]
    if ours is not None and len(alone) == 1:
        assert ours.exception == theirs


@given(FIELDS)
@example({"hour": 24})
@example({"day_of_week": "sun-sat/0"})
@example({"month_of_year": "february", "day_of_month": 30})
def test_crontab(fields: dict[str, object]) -> None:
    judged(fields, rejected(fields))


@given(FIELDS)
def test_crontab_of_unknown_version_says_no_more(fields: dict[str, object]) -> None:
    if problem(fields) is not None:
        assert rejected(fields)


@given(st.one_of(st.lists(TEXTS, min_size=4, max_size=6).map(" ".join), st.text(max_size=9)))
@pytest.mark.skipif(VERSION < (5, 5), reason="from_string came with Celery 5.5")
def test_crontab_from_string(text: str) -> None:
    ours = from_string_problem(text, version=VERSION)  # type: ignore[arg-type]
    try:
        crontab.from_string(text)
        theirs = ""
    except (ValueError, TypeError, ParseException, AttributeError, KeyError) as error:
        theirs = type(error).__name__
    assert (ours is not None) == bool(theirs)
    if ours is not None and not ours.field:
        assert ours.exception == theirs


@given(FIELDS)
def test_every_minute(fields: dict[str, object]) -> None:
    """CEL701 speaks only where more than one minute of an hour is due."""
    assume(not rejected(fields))
    if every_minute(fields):
        assert len(crontab(**fields).minute) == 60  # type: ignore[arg-type]


@given(FIELDS)
def test_misleading_is_accepted(fields: dict[str, object]) -> None:
    """What CEL703 warns of is what Celery takes; else CEL702 speaks."""
    if not rejected(fields) and misleading(fields) is not None:
        made = crontab(**fields)  # type: ignore[arg-type]
        assert made is not None


def test_crontab_parameters() -> None:
    found = inspect.signature(crontab.__init__).parameters
    assert tuple(found)[1:6] == CRONTAB_PARAMETERS
    # the others are those of the base class
    base = set(inspect.signature(schedules.BaseSchedule.__init__).parameters) - {"self"}
    assert {*tuple(found)[1:6], *base} == KEYWORDS


# -- ISO dates


DATES = st.one_of(
    st.datetimes().map(datetime.datetime.isoformat),
    st.dates().map(datetime.date.isoformat),
    st.text(string.digits + "-:TWZ+. ", max_size=24),
    st.text(max_size=12),
)


@given(DATES)
def test_iso_dates(text: str) -> None:
    """What we call no date Celery rejects."""
    if iso_problem(text):
        with pytest.raises(ValueError):  # noqa: PT011
            maybe_iso8601(text)


@given(st.datetimes(timezones=st.none() | st.just(datetime.timezone.utc)))
def test_iso_dates_written_by_python(moment: datetime.datetime) -> None:
    assert not iso_problem(moment.isoformat())


# -- names


@NEWEST
def test_settings() -> None:
    assert set(SETTINGS) == {name for name, _ in flatten(NAMESPACES)}
    for old, new in OLD_NAMES.items():
        assert new in SETTINGS, old


def test_old_names_are_read_by_celery() -> None:
    for old, new in sorted(OLD_NAMES.items()):
        app = Celery("facts", set_as_current=False)
        default = app.conf.get(new)
        other = not default if isinstance(default, bool) else "other"
        app = Celery("facts", set_as_current=False)
        app.conf.update({old: other})
        try:
            assert app.conf[new] == other, old
        except ImproperlyConfigured:
            pytest.fail(old)


def test_signals() -> None:
    from celery.utils.dispatch import Signal

    found = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert found >= SIGNALS if VERSION >= (5, 7) else found


@NEWEST
def test_queue_and_exchange_attributes() -> None:
    from kombu import Exchange, Queue

    for name in QUEUE_PARAMETERS:
        assert name in inspect.signature(Queue.__init__).parameters or name in dict(Queue.attrs)
    for name in EXCHANGE_PARAMETERS:
        parameters = inspect.signature(Exchange.__init__).parameters
        assert name in parameters or name in dict(Exchange.attrs)


def test_beat_entry_keys() -> None:
    legal = set(inspect.signature(ScheduleEntry.__init__).parameters) - {"self"}
    assert legal >= BEAT_ENTRY_KEYS
    assert schedules.crontab is crontab


def test_confusions_lead_to_legal_names() -> None:
    legal = TASK_OPTIONS | APPLY_ASYNC
    for wrong in TASK_OPTION_CONFUSIONS:
        assert wrong not in TASK_OPTIONS
    for wrong in CALL_CONFUSIONS:
        assert wrong not in APPLY_ASYNC
    for wrong in METHOD_CONFUSIONS:
        assert wrong not in TASK_METHODS
    assert legal


@given(st.sampled_from(sorted(TASK_OPTIONS)), st.data())
def test_near_misses(name: str, data: st.DataObject) -> None:
    """A legal name is no miss; a name with two letters swapped is a miss of something."""
    assert near_miss(name, TASK_OPTIONS - {name}) != name
    assume(len(name) > 6)
    at = data.draw(st.integers(1, len(name) - 3))
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    assume(swapped not in TASK_OPTIONS)
    assert near_miss(swapped, TASK_OPTIONS) is not None
