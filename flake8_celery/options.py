"""Every user option, declared once; both adapters register theirs from `OPTIONS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from flake8_celery.notes import Notes
from flake8_celery.record import NamedTuple

if TYPE_CHECKING:
    import re

    from flake8_celery.policy import Item

LIST: Final = "list"
TEXT: Final = "text"
FLAG: Final = "flag"
VERSION: Final = "version"
NUMBER: Final = "number"
COUNT: Final = "count"
POLICY: Final = "policy"
PATTERN: Final = "pattern"

POOLS: Final = ("prefork", "threads", "solo", "eventlet", "gevent", "custom")
BROKERS: Final = (
    "amqp",
    "azure",
    "etcd",
    "filesystem",
    "gcpubsub",
    "kafka",
    "memory",
    "mongodb",
    "pgmq",
    "redis",
    "sqs",
    "sqlalchemy",
    "zookeeper",
)
BACKENDS: Final = (
    "arangodb",
    "azureblockblob",
    "cache",
    "cassandra",
    "consul",
    "cosmosdb",
    "couchbase",
    "couchdb",
    "database",
    "disabled",
    "django",
    "dynamodb",
    "elasticsearch",
    "etcd",
    "filesystem",
    "gcs",
    "mongodb",
    "redis",
    "rpc",
    "s3",
)


class OptionSpec(NamedTuple):
    """One option as the user writes it: `celery-app = shop.celery:app`."""

    name: str
    kind: str
    """`list` (commas, spaces or newlines between), `text`, `flag` (yes or no), `version`, `number`
    (of seconds), `count`, `policy` (see `flake8_celery.policy`) or `pattern`."""
    default: str
    metavar: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """The name of the parsed option: `celery_app`."""
        return self.name.replace("-", "_")


OPTIONS: Final = (
    OptionSpec(
        "celery-app",
        TEXT,
        "",
        "MODULE:NAME",
        "Where the Celery application is, as for `celery -A`: shop.celery:app. "
        "Found by itself in the usual places.",
    ),
    OptionSpec(
        "celery-task-class",
        TEXT,
        "",
        "CLASS",
        "The application's Task class where it can't be found: plain (Celery's own), unknown, "
        "or package.module:Class.",
    ),
    OptionSpec(
        "celery-task-decorators",
        LIST,
        "",
        "NAMES",
        "Decorators of your own that make a task: shop.tasks.shop_task.",
    ),
    OptionSpec(
        "celery-source-roots",
        LIST,
        "",
        "FOLDERS",
        "Folders that stand on sys.path, relative to the configuration file (globs allowed). "
        "Default: the folder above the topmost package, and src.",
    ),
    OptionSpec(
        "celery-target-version",
        VERSION,
        "",
        "X.Y",
        "The Celery version the code runs on. Default: what holds on every version since 5.3.",
    ),
    OptionSpec(
        "celery-pool",
        LIST,
        "",
        "POOLS",
        "The worker pools in use: prefork, threads, solo, eventlet, gevent or custom.",
        POOLS,
    ),
    OptionSpec(
        "celery-async-tasks",
        FLAG,
        "no",
        "yes|no",
        "The worker runs `async def` tasks (a pool or Task class of another package does it).",
    ),
    OptionSpec(
        "celery-lock",
        TEXT,
        "",
        "FILE",
        "The contract lock that tasks are compared with. "
        "Default: the nearest celery-tasks.lock at or above each file.",
    ),
    OptionSpec(
        "celery-against",
        TEXT,
        "",
        "REV",
        "Compare tasks with what they were at this git revision (main, origin/main, v1.2), "
        "instead of with a lock.",
    ),
    OptionSpec(
        "celery-config",
        LIST,
        "",
        "MODULES",
        "The modules that Celery's configuration is read from, dotted or as paths, in the order in "
        "which they take effect. Default: what the application loads.",
    ),
    OptionSpec(
        "celery-queues",
        LIST,
        "",
        "QUEUES",
        "Every queue that some worker consumes.",
    ),
    OptionSpec(
        "celery-worker-commands",
        LIST,
        "",
        "FILES",
        "Files that start the workers (Procfile, docker-compose.yml, supervisord.conf): their -Q "
        "and --queues are the declared queues.",
    ),
    OptionSpec(
        "celery-broker",
        TEXT,
        "",
        "BROKER",
        f"The broker in use: one of {', '.join(BROKERS)}.",
        BROKERS,
    ),
    OptionSpec(
        "celery-backend",
        TEXT,
        "",
        "BACKEND",
        f"The result backend in use: one of {', '.join(BACKENDS)}.",
        BACKENDS,
    ),
    OptionSpec(
        "celery-shutdown-grace",
        NUMBER,
        "",
        "SECONDS",
        "The seconds between TERM and KILL when a worker is stopped for a deployment.",
    ),
    OptionSpec(
        "celery-expiring-tasks",
        LIST,
        "",
        "PATTERNS",
        "Names of tasks or queues (globs) whose work is of no use when late: CEL353 wants an "
        "expiry.",
    ),
    OptionSpec(
        "celery-preset",
        TEXT,
        "",
        "PRESET",
        "A set of advice that is switched on together: recommended or strict. "
        "`flake8-celery rules --preset strict` shows it.",
        ("recommended", "strict"),
    ),
    OptionSpec(
        "celery-require",
        POLICY,
        "",
        "OPTIONS",
        "Options that every task has to give: queue, time_limit @ shop/payments/*. "
        "CEL990 names each task that doesn't.",
    ),
    OptionSpec(
        "celery-forbid",
        POLICY,
        "",
        "OPTIONS",
        "Options that no task, call or retry may give: priority, max_retries=None, "
        "time_limit>600 @ shop/mail/*. CEL991 names each that does.",
    ),
    OptionSpec(
        "celery-task-name",
        PATTERN,
        "",
        "REGEX",
        "A regular expression that the whole name of every task has to match (CEL992).",
    ),
    OptionSpec(
        "celery-forbid-call",
        POLICY,
        "",
        "NAMES",
        "What no task may call, dotted, globs allowed: time.sleep, requests.* @ shop/mail/* "
        "(CEL993).",
    ),
    OptionSpec(
        "celery-max-sequential-calls",
        COUNT,
        "3",
        "NUMBER",
        "So many network calls in a row make a task one for a chord (CEL154).",
    ),
)

_ALIKE: Final[dict[tuple[object, ...], int]] = {}

BY_NAME: Final[Mapping[str, OptionSpec]] = {spec.name: spec for spec in OPTIONS}


class Options:
    """Parsed options, one attribute each, with `problems`: one line for each value that is wrong.

    `root` is the folder of the configuration file where it is known; relative paths start there.
    """

    __slots__ = (
        *("alike", "extra_needles", "notes", "problems", "root", "selected"),
        *(spec.attribute for spec in OPTIONS),
    )

    celery_app: str
    celery_task_class: str
    celery_task_decorators: tuple[str, ...]
    celery_source_roots: tuple[str, ...]
    celery_target_version: tuple[int, int] | None
    celery_pool: tuple[str, ...]
    celery_async_tasks: bool
    celery_lock: str
    celery_against: str
    celery_config: tuple[str, ...]
    celery_queues: tuple[str, ...]
    celery_worker_commands: tuple[str, ...]
    celery_broker: str
    celery_backend: str
    celery_shutdown_grace: float | None
    celery_expiring_tasks: tuple[str, ...]
    celery_preset: str
    celery_require: tuple[Item, ...]
    celery_forbid: tuple[Item, ...]
    celery_task_name: re.Pattern[str] | None
    celery_forbid_call: tuple[Item, ...]
    celery_max_sequential_calls: int

    def __init__(self, values: Mapping[str, object] | None = None, root: str = "") -> None:
        """Parse `values` (option name with dashes -> text, list or bool). Never raises."""
        self.root = root
        self.problems: list[str] = []
        self.selected: frozenset[str] = frozenset()
        """Prefixes of codes that the user selected by name; opt-in rules run only by one."""
        self.notes: Notes = {}
        """What the caller knows of the project besides."""
        given = values or {}
        for spec in OPTIONS:
            raw = given.get(spec.name, spec.default)
            value = self._parse(spec, raw)
            setattr(self, spec.attribute, value)
        if self.celery_preset:
            from flake8_celery.presets import codes

            self.selected = codes(self.celery_preset)
        self.extra_needles = tuple(
            name.rpartition(".")[2] for name in self.celery_task_decorators if name
        )
        values_ = (root, *(getattr(self, spec.attribute) for spec in OPTIONS))
        self.alike = _ALIKE.setdefault(values_, len(_ALIKE))
        """The same number for options with the same values: what files are read under."""

    def _parse(self, spec: OptionSpec, raw: object) -> Any:
        if spec.kind == LIST:
            items = tuple(_items(raw))
            for item in items:
                if spec.choices and item not in spec.choices:
                    self._complain(spec, item, f"use some of {', '.join(spec.choices)}")
            if spec.choices:
                items = tuple(item for item in items if item in spec.choices)
            return items
        text = str(raw).strip() if raw is not None else ""
        if spec.kind == FLAG:
            if isinstance(raw, bool):
                return raw
            word = text.lower()
            if word in ("yes", "true", "on", "1", "y"):
                return True
            if word not in ("no", "false", "off", "0", "n", ""):
                self._complain(spec, text, "write yes or no")
            return False
        if spec.kind == VERSION:
            if not text:
                return None
            parts = text.split(".")
            if len(parts) >= 2 and parts[0].isdecimal() and parts[1].isdecimal():
                return int(parts[0]), int(parts[1])
            self._complain(spec, text, "write a version such as 5.5")
            return None
        if spec.kind == NUMBER:
            if not text:
                return None
            try:
                number = float(text)
            except ValueError:
                number = -1.0
            if not 0 <= number < 1e9:
                self._complain(spec, text, "write a number of seconds")
                return None
            return number
        if spec.kind == COUNT:
            if text.isdecimal() and 0 < int(text) < 1000:
                return int(text)
            if text:
                self._complain(spec, text, "write a whole number above zero")
            return int(spec.default)
        if spec.kind in (POLICY, PATTERN):
            return self._policy(spec, _lines(raw))
        if spec.choices and text and text not in spec.choices:
            self._complain(spec, text, f"use one of {', '.join(spec.choices)}")
            return ""
        return text

    def gives(self, name: str) -> bool:
        """Tell whether an option is set: `celery-require`."""
        return bool(getattr(self, BY_NAME[name].attribute))

    def _policy(self, spec: OptionSpec, text: str) -> Any:
        """A policy's items, or a pattern; nothing of it holds where a part is wrong."""
        nothing = None if spec.kind == PATTERN else ()
        if not text:
            return nothing
        from flake8_celery import policy

        read = {
            "celery-require": policy.required,
            "celery-forbid": policy.forbidden,
            "celery-forbid-call": policy.calls,
            "celery-task-name": policy.name_pattern,
        }[spec.name]
        try:
            return read(text)
        except policy.PolicyError as error:
            self._complain(spec, error.item, error.hint)
            return nothing

    def _complain(self, spec: OptionSpec, value: str, hint: str) -> None:
        self.problems.append(f"{spec.name}: {value!r} is not understood, {hint}")


def _lines(raw: object) -> str:
    """The text of an option that may be written over several lines, or as a list of lines."""
    if isinstance(raw, (list, tuple)):
        return "\n".join(str(line) for line in raw)
    return str(raw).strip() if raw is not None else ""


def _items(raw: object) -> Sequence[str]:
    if isinstance(raw, str):
        return raw.replace(",", " ").split()
    if isinstance(raw, (list, tuple)):
        return [str(item).strip() for item in raw if str(item).strip()]
    return ()
