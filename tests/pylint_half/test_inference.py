"""What a queue name or a task option is worth, by the files of a project and by inference."""

from __future__ import annotations

import ast
import sys
import textwrap
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("pylint", "3.3")

import astroid

from flake8_celery.core.model.build import build
from flake8_celery.core.model.fact import ABSENT, Absent, Option
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import clear
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import Environment, Unknown, Values
from flake8_celery.linter import lint
from flake8_celery.options import Options
from pylint_celery.resolver import AstroidResolver

#: A project of several modules, and what is installed beside it.
PROJECT = {
    "manage.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.prod")
        """,
    "shop/__init__.py": "",
    "shop/celery.py": """
        from celery import Celery
        from shop.bases import Bounded

        def make():
            made = Celery("shop", task_cls=Bounded)
            return made

        app = make()
        plain = Celery("plain")
        """,
    "shop/names.py": """
        SLOW = "slow"
        PREFIX = "shop"
        JOINED = PREFIX + ".slow"
        LIMIT = 60 * 5
        PAIR = ("a", "b")
        TABLE = {"slow": "slow-1", "fast": "fast-1"}
        NESTED = {"a": {"b": "deep"}}
        SPARE = {"a": "b"}
        LIST = ["x"]
        LIST.append("y")
        GROWN = ["a"]
        GROWN += ["b"]
        CHANGED = {"a": "b"}
        CHANGED["a"] = "c"
        CUT = {"a": "b"}
        del CUT["a"]
        PASSED = {"a": "b"}
        print_it(PASSED)
        EITHER = "a"
        if LIMIT > 3:
            EITHER = "b"
        BUILT = "a"
        BUILT += "-b"

        class Queues:
            SLOW = "class-slow"

        class Special(Queues):
            FAST = "class-fast"

        class Assigned:
            QUEUE = "before"

        Assigned.QUEUE = "after"

        class Left:
            WHICH = "left"

        class Right:
            WHICH = "right"
            SIDE = "right-side"

        class Both(Left, Right):
            pass
        """,
    "shop/kinds.py": """
        import enum
        from django.db.models import TextChoices

        class Kind(enum.Enum):
            SLOW = "enum-slow"

        class Text(str, enum.Enum):
            SLOW = "str-slow"

        class New(enum.StrEnum):
            SLOW = enum.auto()

        class Choice(TextChoices):
            SLOW = "choice-slow", "Slow"

        class Priority(enum.IntEnum):
            HIGH = 9
        """,
    "shop/config.py": """
        import attr
        from collections import namedtuple
        from dataclasses import dataclass, field
        from typing import NamedTuple
        from shop.names import SLOW

        @dataclass
        class Config:
            kind: str
            queue: str = "data-slow"
            other: str = field(default=SLOW)
            made: list = field(default_factory=list)

        @attr.s(auto_attribs=True)
        class Attrs:
            queue: str = "attrs-slow"

        class Named(NamedTuple):
            queue: str = "named-slow"
            other: str = "named-other"

        CONFIG = Config("x")

        class Router:
            default = "routed"
            def __init__(self):
                self.queue = "from-init"
            def name(self):
                return "from-method"
            @classmethod
            def make(cls):
                return "from-class"
            @property
            def current(self):
                return "from-property"

        class Given:
            def __init__(self, queue="default"):
                self.queue = queue
        """,
    "shop/queues.py": """
        from kombu import Exchange, Queue
        SLOW_QUEUE = Queue("kombu-slow", Exchange("x"), routing_key="slow")
        QUEUES = {"slow": Queue("table-slow"), "fast": Queue(name="table-fast")}
        task_queues = (SLOW_QUEUE, *QUEUES.values())
        """,
    "shop/functions.py": """
        from shop.names import CHANGED, SLOW, TABLE
        FLAG = "first"

        def fixed():
            return "fixed"

        def queue_for(kind):
            return "q-" + kind

        def default_for(kind="none"):
            return "d-" + kind

        def either(flag):
            if flag:
                return "one"
            return "two"

        def maybe(flag):
            if flag:
                return "one"

        def looked_up():
            return TABLE["slow"]

        def changed():
            return CHANGED["a"]

        def constant():
            return SLOW

        def through():
            return constant()

        def unknown(kind):
            return kind

        def numbers():
            yield "x"

        def loop():
            return loop()

        def changes_global():
            global FLAG
            FLAG = "changed"
            return FLAG
        """,
    "shop/api.py": "from shop.names import SLOW as RENAMED\nfrom shop.names import Queues\n",
    "shop/everything.py": "from shop.names import *\nOWN_OF_STAR = SLOW + '-star'\n",
    "shop/environment.py": """
        import os
        import environ
        from decouple import config
        QUEUE = os.environ.get("Q", "a")
        OTHER = os.getenv("O", "b")
        HARD = os.environ["H"]
        env = environ.Env(DEBUG=(bool, False))
        DJANGO = env("X", default="c")
        TEXT = env.str("X", default="c")
        DECOUPLED = config("Y", default="d")
        FALLBACK = os.environ.get("Q") or "slow"
        PART = f"{QUEUE}-part"
        """,
    "shop/settings/__init__.py": "",
    "shop/settings/base.py": """
        from shop.environment import env
        QUEUE = "base-queue"
        OTHER = "base-other"
        QUEUES = {"slow": "settings-slow"}
        FROM_ENV = env("Q", default="x")
        RATE = "10/m"
        """,
    "shop/settings/prod.py": "from .base import *\nOTHER = 'prod-' + OTHER\n",
    "shop/limits.py": """
        from datetime import timedelta
        SOFT = 60
        HARD = 30
        MINUTE = 60
        HOUR = timedelta(hours=1)
        RETRIES = 3
        """,
    "shop/bases.py": """
        from celery import Task
        from shop.limits import HARD
        from shop.names import SLOW

        class Bounded(Task):
            time_limit = HARD
            rate_limit = "5/m"

        class Slow(Task):
            queue = SLOW
            max_retries = 7

        class Slower(Slow):
            max_retries = 8

        class Late:
            acks_late = True
            max_retries = 1

        class Mixed(Late, Slow):
            abstract = True
        """,
    "shop/options.py": """
        from shop.names import SLOW
        COMMON = {"queue": SLOW, "max_retries": 5, "bind": True}
        MORE = {**COMMON, "acks_late": True}
        UNITED = COMMON | {"max_retries": 6}
        CALLED = dict(queue="called", priority=3)
        GROWN = {"queue": SLOW}
        GROWN["queue"] = "other"
        """,
    "shop/wrappers.py": """
        import functools
        from celery import shared_task
        from shop.celery import app, plain
        from shop.names import SLOW

        def slow_task(function):
            return plain.task(queue=SLOW, acks_late=True)(function)

        def queue_task(queue, **options):
            return plain.task(queue=queue, max_retries=2, **options)

        def deep_task(limit):
            def decorate(function):
                return plain.task(time_limit=limit, queue="deep")(function)
            return decorate

        def logged_task(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return plain.task(inner, queue="logged")

        partial_task = functools.partial(shared_task, queue="partial", rate_limit="1/s")
        """,
    "shop/services.py": """
        from celery import shared_task

        @shared_task(queue="service")
        def add(x): ...

        class Service:
            @staticmethod
            @shared_task(queue="method")
            def method(x): ...

        class Child(Service):
            pass

        class Chooser:
            def choose(self):
                return add

        def get_task():
            return add

        def pick(name):
            if name:
                return add
            return add
        """,
    "shop/again.py": "from shop.services import *\nfrom shop.services import add as renamed_add\n",
}
INSTALLED = {
    "queuelib/__init__.py": """
        from queuelib.constants import QUEUE
        from shop.services import add as reexported
        class Defaults:
            queue = "lib-class"
        def chosen():
            return "lib-call"
        """,
    "queuelib/constants.py": "QUEUE = 'lib-queue'\nBOX = {'a': 'b'}\nBOX['a'] = 'c'\n",
}

HEAD = """
import functools
import os
import sys
import missing
import queuelib
from celery import Task, shared_task
from django.conf import settings
from kombu import Queue
import shop.names
from shop import api, bases, config, environment, functions, kinds, limits, names, options, queues
from shop import services, wrappers
from shop.again import add as again_add
from shop.again import renamed_add
from shop.api import RENAMED
from shop.celery import app, plain
from shop.everything import OWN_OF_STAR, PREFIX
from shop.names import SLOW
from shop.names import SLOW as ALIAS
from . import names as relative
from .names import SLOW as RELATIVE
try:
    from shop.names import SLOW as TRIED
except ImportError:
    TRIED = "slow"

LOCAL = names.PREFIX + ".local"
AGAIN = names
THEN = SLOW
THEN += "-then"
(FIRST, SECOND) = ("first", "second")


class Mine(names.Queues):
    OWN = "own"


def inside():
    return names.SLOW


class User:
    queue = "user"

    def send(self, parameter, unset=None):
"""

#: Spellings of a queue's name and every value that it can have.
QUEUES: dict[str, tuple[object, ...]] = {
    "'literal'": ("literal",),
    "LOCAL": ("shop.local",),
    "FIRST": ("first",),
    "THEN": ("slow-then",),
    "Mine.OWN": ("own",),
    "'a' 'b'": ("ab",),
    "TRIED": ("slow",),
    # imported constants
    "names.SLOW": ("slow",),
    "shop.names.SLOW": ("slow",),
    "SLOW": ("slow",),
    "ALIAS": ("slow",),
    "RENAMED": ("slow",),
    "api.RENAMED": ("slow",),
    "api.Queues.SLOW": ("class-slow",),
    "relative.SLOW": ("slow",),
    "RELATIVE": ("slow",),
    "AGAIN.SLOW": ("slow",),
    "PREFIX": ("shop",),
    "OWN_OF_STAR": ("slow-star",),
    "names.JOINED": ("shop.slow",),
    "names.EITHER": ("a", "b"),
    "names.BUILT": ("a-b",),
    # changed step by step
    "names.GROWN[0]": ("a",),
    "names.CHANGED['a']": ("c",),
    "functions.changed()": ("c",),
    "looped": ("a", "b"),
    # put together
    "names.PREFIX + '.' + names.SLOW": ("shop.slow",),
    "f'{names.SLOW}-1'": ("slow-1",),
    "'%s-1' % names.SLOW": ("slow-1",),
    "'%s.%s' % (names.PREFIX, SLOW)": ("shop.slow",),
    "'{}-1'.format(names.SLOW)": ("slow-1",),
    "'{q}.{}'.format(SLOW, q=names.PREFIX)": ("shop.slow",),
    "'-'.join([names.PREFIX, SLOW])": ("shop-slow",),
    "names.SLOW.upper()": ("SLOW",),
    "SLOW if names.LIMIT else 'other'": ("slow", "other"),
    "str(names.LIMIT)": ("300",),
    # classes
    "names.Queues.SLOW": ("class-slow",),
    "names.Special.SLOW": ("class-slow",),
    "names.Special.FAST": ("class-fast",),
    "names.Both.WHICH": ("left",),
    "names.Both.SIDE": ("right-side",),
    "Mine.SLOW": ("class-slow",),
    "kinds.Kind.SLOW.value": ("enum-slow",),
    "kinds.Kind.SLOW.name": ("SLOW",),
    "kinds.Text.SLOW.value": ("str-slow",),
    "kinds.Text.SLOW": ("str-slow",),
    "kinds.New.SLOW": ("slow",),
    "kinds.Choice.SLOW": ("choice-slow",),
    "kinds.Text.SLOW + '-x'": ("str-slow-x",),
    # instances
    "config.Config('a').queue": ("data-slow",),
    "config.Config('a', 'given').queue": ("given",),
    "config.Config('a', queue='given').queue": ("given",),
    "config.Config('a').other": ("slow",),
    "config.Attrs().queue": ("attrs-slow",),
    "config.Named().queue": ("named-slow",),
    "config.Named('x', 'y').other": ("y",),
    "config.CONFIG.queue": ("data-slow",),
    "names.Queues().SLOW": ("class-slow",),
    "Queue('made').name": ("made",),
    "queues.SLOW_QUEUE.name": ("kombu-slow",),
    "queues.QUEUES['fast'].name": ("table-fast",),
    # tables
    "names.TABLE['slow']": ("slow-1",),
    "names.TABLE[names.SLOW]": ("slow-1",),
    "names.TABLE.get('slow')": ("slow-1",),
    "names.TABLE.get('none', 'default')": ("default",),
    "names.NESTED['a']['b']": ("deep",),
    "names.PAIR[0]": ("a",),
    "dict(a='b')['a']": ("b",),
    "{'a': names.SLOW}['a']": ("slow",),
    # Django's settings
    "settings.QUEUE": ("base-queue",),
    "settings.OTHER": ("prod-base-other",),
    "settings.QUEUES['slow']": ("settings-slow",),
    "getattr(settings, 'QUEUE', 'none')": ("base-queue",),
    # what only inference knows
    "inside()": ("slow",),
    "functions.fixed()": ("fixed",),
    "functions.queue_for('x')": ("q-x",),
    "functions.queue_for(kind=names.SLOW)": ("q-slow",),
    "functions.default_for()": ("d-none",),
    "functions.either(1)": ("one", "two"),
    "functions.maybe(1)": ("one", None),
    "functions.looked_up()": ("slow-1",),
    "functions.constant()": ("slow",),
    "functions.through()": ("slow",),
    "functions.fixed() + '-x'": ("fixed-x",),
    "functools.partial(functions.queue_for, 'x')()": ("q-x",),
    "config.Router().queue": ("from-init",),
    "config.Router().name()": ("from-method",),
    "config.Router.make()": ("from-class",),
    "config.Router().current": ("from-property",),
    "config.Router().default": ("routed",),
    "(lambda: 'x')()": ("x",),
    "queuelib.QUEUE": ("lib-queue",),
    "queuelib.Defaults.queue": ("lib-class",),
    "queuelib.chosen()": ("lib-call",),
    "config.Given('x').queue": ("x",),
    "names.TABLE.copy()['slow']": ("slow-1",),
}
#: What the pylint half leaves open, too; it says so rather than something wrong.
LEFT = {"config.Given('x').queue"}
#: How many queue names and options the flake8 half knows; it doesn't look into methods.
FLAKE8_SHARE = 86, 49
#: Nothing may be said of these.
SILENT = [
    "names.LIST[0]",
    "names.LIST",
    "names.SPARE",
    "names.TABLE['none']",
    "names.CUT['a']",
    "names.PASSED['a']",
    "names.Assigned.QUEUE",
    "names.missing",
    "missing.QUEUE",
    "self.queue",
    "parameter",
    "parameter.queue",
    "unset",
    "f'{parameter}-x'",
    "functions.queue_for(parameter)",
    "functions.unknown(parameter)",
    "functions.numbers()",
    "functions.loop()",
    "functions.changes_global()",
    "config.Config('a').made",
    "config.Config('a').missing",
    "config.Given().missing",
    "kinds.Kind.SLOW",
    "kinds.Kind.MISSING.value",
    "f'{kinds.Text.SLOW}'",
    "str(kinds.Text.SLOW)",
    "queuelib.constants.BOX['a']",
    "settings.MISSING",
    "sys.platform",
    "os.sep",
    "os.name",
    "changed",
    "unpacked",
    "caught",
    "with_name",
    "names.SLOW * 3_000_000_000",
    "2 ** 10 ** 10",
    "'{:1000000000}'.format(1)",
    "'{0.__class__}'.format(1)",
    "(yield)",
]
#: The environment decides; the default, where it is known, is none of the rules' business.
ENVIRONMENT: dict[str, tuple[object, ...] | None] = {
    "environment.QUEUE": ("a",),
    "environment.OTHER": ("b",),
    "environment.HARD": None,
    "environment.DJANGO": ("c",),
    "environment.TEXT": ("c",),
    "environment.DECOUPLED": ("d",),
    "environment.FALLBACK": None,
    "environment.PART": None,
    "os.environ['Q']": None,
    "os.getenv('Q', default='x')": ("x",),
    "f'{environment.QUEUE}-x'": None,
    "settings.FROM_ENV": ("x",),
    "names.TABLE[environment.QUEUE]": None,
}
#: Senders, and the queue of the task that is sent.
SENDERS = {
    "services.add.delay()": "service",
    "services.Service.method.delay()": "method",
    "again_add.delay()": "service",
    "renamed_add.delay()": "service",
    "services.get_task().delay()": "service",
    "services.pick(1).apply_async()": "service",
    "queuelib.reexported.delay()": "service",
    "services.Child.method.delay()": "method",
    "services.Chooser().choose().delay()": "service",
}
#: What only inference finds.
SENT_BY_INFERENCE = {
    "queuelib.reexported.delay()",
    "services.Child.method.delay()",
    "services.Chooser().choose().delay()",
}
SETUP = """
        changed = names.SLOW
        changed += parameter
        unpacked, rest = functions.unknown(1)
        for looped in names.PAIR:
            pass
        try:
            pass
        except ValueError as caught:
            pass
        with missing.thing() as with_name:
            pass
"""

#: Task declarations, an option, and every value that it can have (or ABSENT).
OPTIONS: list[tuple[str, str, tuple[object, ...] | Absent]] = [
    ("@shared_task(max_retries=limits.RETRIES)", "max_retries", (3,)),
    ("@shared_task(time_limit=limits.HARD * 2)", "time_limit", (60,)),
    ("@shared_task(priority=kinds.Priority.HIGH)", "priority", (9,)),
    ("@shared_task(rate_limit=settings.RATE)", "rate_limit", ("10/m",)),
    ("@shared_task(default_retry_delay=5 * limits.MINUTE)", "default_retry_delay", (300,)),
    ("@shared_task(expires=limits.HOUR.total_seconds())", "expires", (3600.0,)),
    ("@shared_task(name=f'{names.PREFIX}.x')", "name", ("shop.x",)),
    ("@shared_task(name=__name__ + '.x')", "name", ("shop.tasks.x",)),
    ("@shared_task(serializer=kinds.Kind.SLOW.value)", "serializer", ("enum-slow",)),
    ("@shared_task(max_retries=len(names.PAIR))", "max_retries", (2,)),
    ("@shared_task(**options.COMMON)", "queue", ("slow",)),
    ("@shared_task(**options.COMMON)", "max_retries", (5,)),
    ("@shared_task(**options.COMMON)", "bind", (True,)),
    ("@plain.task(**options.COMMON)", "acks_late", ABSENT),
    ("@shared_task(**options.GROWN)", "queue", ("other",)),
    ("@shared_task(**options.MORE)", "queue", ("slow",)),
    ("@shared_task(**options.MORE)", "acks_late", (True,)),
    ("@shared_task(**options.UNITED)", "max_retries", (6,)),
    ("@shared_task(**options.CALLED)", "queue", ("called",)),
    ("@shared_task(**{'queue': SLOW})", "queue", ("slow",)),
    ("@shared_task(**dict(options.COMMON, queue='own'))", "queue", ("own",)),
    ("@shared_task(time_limit=9, **options.COMMON)", "time_limit", (9,)),
    ("@plain.task(base=bases.Slow)", "queue", ("slow",)),
    ("@plain.task(base=bases.Slow)", "max_retries", (7,)),
    ("@plain.task(base=bases.Slower)", "queue", ("slow",)),
    ("@plain.task(base=bases.Slower)", "max_retries", (8,)),
    ("@plain.task(base=bases.Mixed)", "max_retries", (1,)),
    ("@plain.task(base=bases.Mixed)", "queue", ("slow",)),
    ("@plain.task(base='shop.bases:Slow')", "queue", ("slow",)),
    ("@plain.task(base=bases.Slow, queue='own')", "queue", ("own",)),
    ("@plain.task(base=bases.Slow)", "acks_late", ABSENT),
    ("@app.task", "time_limit", (30,)),
    ("@app.task", "rate_limit", ("5/m",)),
    ("@app.task(base=Task)", "time_limit", ABSENT),
    ("@plain.task", "time_limit", ABSENT),
    ("@wrappers.slow_task", "queue", ("slow",)),
    ("@wrappers.slow_task", "acks_late", (True,)),
    ("@wrappers.slow_task", "time_limit", ABSENT),
    ("@wrappers.queue_task('mine')", "queue", ("mine",)),
    ("@wrappers.queue_task(queue=SLOW)", "queue", ("slow",)),
    ("@wrappers.queue_task('mine', priority=2)", "priority", (2,)),
    ("@wrappers.queue_task('mine')", "max_retries", (2,)),
    ("@wrappers.deep_task(limits.HARD)", "queue", ("deep",)),
    ("@wrappers.logged_task", "queue", ("logged",)),
    ("@wrappers.partial_task(queue='given')", "rate_limit", ("1/s",)),
    ("@wrappers.partial_task()", "queue", ("partial",)),
    ("@shared_task(queue=functions.fixed())", "queue", ("fixed",)),
    ("@shared_task(max_retries=functions.queue_for('x'))", "max_retries", ("q-x",)),
    ("@shared_task(queue=config.Router().queue)", "queue", ("from-init",)),
    ("@shared_task(**functions_options())", "queue", ("slow",)),
    ("@wrappers.deep_task(limits.HARD)", "time_limit", (30,)),
]
OPTIONS_LEFT = {
    # a function that makes a table: what it makes is a new table each time
    "@shared_task(**functions_options())",
}
#: Nothing may be said of these options.
OPTIONS_SILENT = [
    ("@shared_task(**missing.OPTIONS)", "queue"),
    ("@shared_task(base=missing.Base)", "queue"),
    ("@shared_task(**options.COMMON, **missing.OPTIONS)", "acks_late"),
]


class Half(NamedTuple):
    """What one half says, by spelling."""

    queues: dict[str, Values]
    options: dict[tuple[str, str], Values | Absent]
    tasks: dict[str, Task | None]
    model: Model


class Sample(NamedTuple):
    """What both halves say."""

    flake8: Half
    pylint: Half
    longest: float


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def source() -> str:
    spellings = [*QUEUES, *SILENT, *ENVIRONMENT]
    text = HEAD + SETUP
    text += "".join(f"        add.apply_async(queue={spelling})\n" for spelling in spellings)
    text += "".join(f"        {sender}\n" for sender in SENDERS)
    text += "\n\nfunctions_options = lambda: {'queue': SLOW}\n\n\n@shared_task\ndef add(): ...\n"
    declared = [(decorator, name) for decorator, name, _ in OPTIONS] + OPTIONS_SILENT
    for number, (decorator, _) in enumerate(declared):
        text += f"\n\n{decorator}\ndef task_{number}(): ...\n"
    return text


def option(model: Model, task: Task, name: str) -> Values | Absent:
    found = task.option(name)
    if isinstance(found, Option):
        return model.resolver.values(found.value, found.region)
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    write(folder / "project", PROJECT)
    write(folder / "installed", INSTALLED)
    path = folder / "project" / "shop" / "tasks.py"
    path.write_text(source())
    clear()
    before = list(sys.path)
    sys.path[:0] = [str(folder / "project"), str(folder / "installed")]
    try:
        astroid.MANAGER.clear_cache()
        there = astroid.MANAGER.ast_from_file(str(path), "shop.tasks", source=True)
        halves = []
        infers = partial(AstroidResolver, there)
        # twice, because what an inference takes counts only once astroid knows the modules
        for factory in (None, infers, infers):
            model = build(Module(source(), str(path), ast.parse(source())), Options(), factory)
            if isinstance(model.resolver, AstroidResolver):
                model.resolver.seconds_left = 60
            spellings = [*QUEUES, *SILENT, *ENVIRONMENT]
            sent = sorted(model.of(Dispatch), key=lambda fact: fact.node.lineno)
            values = [
                model.resolver.values(fact.options["queue"].value, fact.region)
                for fact in sent
                if "queue" in fact.options
            ]
            senders = {ast.unparse(fact.node): fact.resolved_task() for fact in sent}
            tasks = {task.name: task for task in model.of(Task)}
            declared = [(decorator, name) for decorator, name, _ in OPTIONS] + OPTIONS_SILENT
            options = {
                (decorator, name): option(model, tasks[f"task_{number}"], name)
                for number, (decorator, name) in enumerate(declared)
            }
            queues = dict(zip(spellings, values, strict=True))
            halves.append(Half(queues, options, senders, model))
        own, _, inferred = halves
        resolver = inferred.model.resolver
        assert isinstance(resolver, AstroidResolver)
        return Sample(own, inferred, resolver.longest)
    finally:
        sys.path[:] = before
        astroid.MANAGER.clear_cache()


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return {(type(v), v) for v in one} == {(type(v), v) for v in other}


@pytest.mark.parametrize("spelling", QUEUES)
def test_a_queue_name(spelling: str, sample: Sample) -> None:
    for half in (sample.flake8, sample.pylint):
        answer = half.queues[spelling]
        if not isinstance(answer, Unknown):
            assert same(answer, QUEUES[spelling]), answer
    assert isinstance(sample.pylint.queues[spelling], Unknown) == (spelling in LEFT)


@pytest.mark.parametrize("spelling", SILENT)
def test_nothing_is_said_of(spelling: str, sample: Sample) -> None:
    for half in (sample.flake8, sample.pylint):
        assert isinstance(half.queues[spelling], Unknown), half.queues[spelling]
        assert not isinstance(half.queues[spelling], Environment)


@pytest.mark.parametrize("spelling", ENVIRONMENT)
def test_the_environment_decides(spelling: str, sample: Sample) -> None:
    for half in (sample.flake8, sample.pylint):
        answer = half.queues[spelling]
        assert isinstance(answer, Environment)
        wanted = ENVIRONMENT[spelling]
        assert isinstance(answer.default, Unknown) if wanted is None else answer.default == wanted


@pytest.mark.parametrize(("decorator", "name", "wanted"), OPTIONS)
def test_an_option(
    decorator: str, name: str, wanted: tuple[object, ...] | Absent, sample: Sample
) -> None:
    for half in (sample.flake8, sample.pylint):
        answer = half.options[decorator, name]
        if isinstance(answer, tuple):
            assert isinstance(wanted, tuple)
            assert same(answer, wanted), answer
        elif isinstance(answer, Absent):
            assert wanted is ABSENT
    answer = sample.pylint.options[decorator, name]
    assert isinstance(answer, Unknown) == (decorator in OPTIONS_LEFT)


@pytest.mark.parametrize(("decorator", "name"), OPTIONS_SILENT)
def test_nothing_is_said_of_an_option(decorator: str, name: str, sample: Sample) -> None:
    for half in (sample.flake8, sample.pylint):
        assert isinstance(half.options[decorator, name], Unknown)


def test_share_of_each_half(sample: Sample) -> None:
    """The figures of the documentation: how many spellings each half knows."""
    own = [s for s in QUEUES if not isinstance(sample.flake8.queues[s], Unknown)]
    inferred = [s for s in QUEUES if not isinstance(sample.pylint.queues[s], Unknown)]
    keys = [(decorator, name) for decorator, name, _ in OPTIONS]
    own_options = [k for k in keys if not isinstance(sample.flake8.options[k], Unknown)]
    inferred_options = [k for k in keys if not isinstance(sample.pylint.options[k], Unknown)]
    print(f"{len(QUEUES)} queue names: flake8 half {len(own)}, pylint half {len(inferred)}")
    print(f"{len(OPTIONS)} options: {len(own_options)} and {len(inferred_options)}")
    assert len(QUEUES) >= 40
    assert len(OPTIONS) >= 30
    assert (len(own), len(own_options)) == FLAKE8_SHARE
    assert len(inferred) == len(QUEUES) - len(LEFT)
    assert len(inferred_options) == len(OPTIONS) - len(OPTIONS_LEFT)
    assert set(own) <= set(inferred)
    assert set(own_options) <= set(inferred_options)


def test_no_inference_takes_a_second(sample: Sample) -> None:
    assert sample.longest < 1


@pytest.mark.parametrize("sender", SENDERS)
def test_the_task_that_is_sent(sender: str, sample: Sample) -> None:
    for half in (sample.flake8, sample.pylint):
        task = half.tasks.get(sender)
        if task is not None:
            assert option(half.model, task, "queue") == (SENDERS[sender],)
    assert sample.pylint.tasks[sender] is not None
    assert (sample.flake8.tasks.get(sender) is None) == (sender in SENT_BY_INFERENCE)


# -- Django's settings

MANAGE = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{}')\n"
SETTINGS: dict[str, tuple[dict[str, str], dict[str, object], tuple[object, ...] | None]] = {
    "none named": ({"shop/settings.py": "Q = 'a'\n"}, {}, None),
    "named in manage.py": (
        {"manage.py": MANAGE.format("shop.settings"), "shop/settings.py": "Q = 'a'\n"},
        {},
        ("a",),
    ),
    "named in wsgi.py and, otherwise, in manage.py": (
        {
            "manage.py": MANAGE.format("shop.local"),
            "shop/wsgi.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.prod'\n",
            "shop/local.py": "Q = 'a'\n",
            "shop/prod.py": "from shop.local import *\nQ = 'b'\n",
        },
        {},
        ("a", "b"),
    ),
    "one of two is missing": (
        {
            "manage.py": MANAGE.format("shop.local"),
            "shop/wsgi.py": MANAGE.format("shop.prod"),
            "shop/prod.py": "Q = 'b'\n",
        },
        {},
        None,
    ),
    "something out of sight comes later": (
        {
            "manage.py": MANAGE.format("shop.settings"),
            "shop/settings.py": "Q = 'a'\ntry:\n    from shop.mine import *\n"
            "except ImportError:\n    pass\n",
        },
        {},
        None,
    ),
    "something out of sight comes before": (
        {
            "manage.py": MANAGE.format("shop.settings"),
            "shop/settings.py": "from missing import *\nQ = 'a'\n",
        },
        {},
        ("a",),
    ),
    "a class that is loaded": (
        {
            "manage.py": MANAGE.format("shop.settings"),
            "shop/base.py": "class Base:\n    Q = 'base'\n",
            "shop/settings.py": "from shop.base import Base\nclass Dev(Base): pass\n"
            "Dev.load_settings(__name__)\n",
        },
        {},
        ("base",),
    ),
    "a class that the environment names": (
        {
            "manage.py": MANAGE.format("shop.settings")
            + "os.environ.setdefault('DJANGO_CONFIGURATION', 'Dev')\n",
            "shop/settings.py": "class Base:\n    Q = 'base'\nclass Dev(Base):\n    Q = 'dev'\n",
        },
        {},
        ("dev",),
    ),
    "a property of a class": (
        {
            "manage.py": MANAGE.format("shop.settings"),
            "shop/settings.py": "class Dev:\n    @property\n    def Q(self): return 'q'\n"
            "Dev.load_settings(__name__)\n",
        },
        {},
        None,
    ),
    "given by option": (
        {"manage.py": MANAGE.format("shop.other"), "shop/settings.py": "Q = 'a'\n"},
        {"celery-config": "shop.settings"},
        ("a",),
    ),
    "given by option as paths": (
        {"shop/settings.py": "Q = 'a'\n", "shop/later.py": "Q = 'b'\n", "shop/last.py": "P = 1\n"},
        {"celery-config": "shop/settings.py, shop/later.py, shop/last.py"},
        ("b",),
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting(name: str, tmp_path: Path) -> None:
    files, options, wanted = SETTINGS[name]
    text = (
        "from celery import shared_task\nfrom django.conf import settings\n\n\n"
        "@shared_task(queue=settings.Q)\ndef f(): ...\n"
    )
    tasks = {"pyproject.toml": "", "shop/__init__.py": "", "shop/tasks.py": text}
    write(tmp_path, {**tasks, **files})
    path = tmp_path / "shop" / "tasks.py"
    clear()
    there = astroid.parse(text, "shop.tasks", str(path))
    for factory in (None, partial(AstroidResolver, there)):
        model = build(Module(text, str(path), ast.parse(text)), Options(options), factory)
        answer = option(model, model.of(Task)[0], "queue")
        if wanted is None:
            assert isinstance(answer, Unknown)
        else:
            assert isinstance(answer, tuple)
            assert same(answer, wanted)


# -- what must never happen

USER = """
import other
from celery import shared_task
X = other.X


@shared_task(queue=other.X, max_retires=1)
def f(): ...


@shared_task(queue=other.f(1), max_retries=X)
def g(): ...


@shared_task(queue=other.C().x)
def h(): ...
"""
TRAPS = {
    "a cycle of imports": "import tasks\nX = tasks.X\ndef f(n): return tasks.X\n",
    "a cycle by star": "from tasks import *\n",
    "a class of itself": "class C(C): pass\nX = C.x\ndef f(n): return C().x\n",
    "two classes of each other": "class A(C): pass\nclass C(A): pass\nX = C.x\n",
    "a name of itself": "X = X\n",
    "a name of itself twice": "X = X or X\nX = X + X\n",
    "a function of itself": "def f(n): return f(n)\nX = f(1)\n",
    "functions of each other": "def f(n): return g(n)\ndef g(n): return f(n)\nX = f(1)\n",
    "a list of itself": "Y = [Y]\nX = Y[0]\n",
    "a table of itself": "Y = {'a': Y}\nX = Y['a']['a']\n",
    "1,000 branches": "import sys\n" + "".join(f"if sys.argv[{n}]: X = {n}\n" for n in range(1000)),
    "1,000 else branches": "import sys\nif sys.argv[0]: X = 0\n"
    + "".join(f"elif sys.argv[{n}]: X = {n}\n" for n in range(1, 1000)),
    "1,000 additions": "X = ''\n" + "".join(f"if X: X += '{n}'\n" for n in range(1000)),
    "a function of 1,000 branches": "def f(n):\n"
    + "".join(f"    if n == {n}: return {n}\n" for n in range(1000))
    + "    return -1\nX = f(1)\n",
    "doubling": "X0 = 'a'\n"
    + "".join(f"X{n} = X{n - 1} + X{n - 1}\n" for n in range(1, 60))
    + "X = X59\n",
    "doubling nothing": "X0 = 0\n"
    + "".join(f"X{n} = X{n - 1} + X{n - 1}\n" for n in range(1, 60))
    + "X = X59\n",
    "a long sum": "X = " + " + ".join(["'a'"] * 300) + "\n",
    "a deep nest": "X = " + "(" * 80 + "f(1)" + ")" * 80 + "\n",
    "a file that is none": "def broken(:\n",
    "a lookup that raises": "class D(dict):\n    def __getattr__(self, n): raise SystemExit\n"
    "X = D().x.y['z']\nC = D()\n",
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps_end_in_unknown(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.py").write_text(TRAPS[name])
    path = tmp_path / "tasks.py"
    path.write_text(USER)
    monkeypatch.syspath_prepend(str(tmp_path))
    astroid.MANAGER.clear_cache()
    clear()
    there = astroid.MANAGER.ast_from_file(str(path), "tasks", source=True)
    resolvers: list[AstroidResolver] = []

    def make(module_name: object) -> AstroidResolver:
        resolvers.append(AstroidResolver(there, module_name))  # type: ignore[arg-type]
        return resolvers[-1]

    start = time.thread_time()
    one = lint(USER, str(path), Options())
    assert time.thread_time() - start < 1
    start = time.thread_time()
    other = lint(USER, str(path), Options(), resolver=make)
    assert time.thread_time() - start < 2
    for found in (one, other):
        assert "CEL903" in {finding.code for finding in found}
        assert "CEL000" not in {finding.code for finding in found}
    model = build(Module(USER, str(path), ast.parse(USER)), Options(), make)
    for task in model.of(Task):
        for keyword in task.arguments.keywords.values():
            answer = model.resolver.values(keyword.value, task.options_region)
            if not isinstance(keyword.value, ast.Constant) and "long sum" not in name:
                assert isinstance(answer, Unknown), answer
    assert resolvers[-1].longest < 1
    astroid.MANAGER.clear_cache()


@pytest.mark.parametrize("error", [RecursionError, AttributeError, KeyError, AssertionError])
def test_an_inference_that_raises(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def infer(*_: object, **__: object) -> None:
        raise error

    model = _functions_model(tmp_path)
    monkeypatch.setattr(astroid.nodes.NodeNG, "infer", infer)
    assert _queues(model) == [("own",), None, None]


def test_the_bound_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _functions_model(tmp_path)
    clock = iter(range(100))
    monkeypatch.setattr(time, "thread_time", lambda: next(clock))
    # the first takes a second, so that the second is not asked any more
    assert _queues(model) == [("own",), ("a",), None]
    assert isinstance(model.resolver, AstroidResolver)
    assert model.resolver.seconds_left < 0


def _functions_model(folder: Path) -> Model:
    text = (
        "from celery import shared_task\n\n\nclass A:\n    def a(self):\n        return 'a'\n\n\n"
        "class B:\n    def b(self):\n        return 'b'\n\n\nOWN = 'own'\n"
    )
    for number, value in enumerate(("OWN", "A().a()", "B().b()")):
        text += f"\n\n@shared_task(queue={value})\ndef task_{number}(): ...\n"
    path = folder / "tasks.py"
    path.write_text(text)
    there = astroid.parse(text, "tasks", str(path))
    return build(
        Module(text, str(path), ast.parse(text)), Options(), partial(AstroidResolver, there)
    )


def _queues(model: Model) -> list[tuple[object, ...] | None]:
    tasks = sorted(model.of(Task), key=lambda task: task.name)
    found = [option(model, task, "queue") for task in tasks]
    return [answer if isinstance(answer, tuple) else None for answer in found]
