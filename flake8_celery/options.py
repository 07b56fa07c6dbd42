"""Every user option, declared once; both adapters register theirs from `OPTIONS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from flake8_celery.core.notes import Notes

LIST: Final = "list"
TEXT: Final = "text"
FLAG: Final = "flag"
VERSION: Final = "version"
NUMBER: Final = "number"

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
    """`list` (commas, spaces or newlines between), `text`, `flag` (yes or no), `version` or
    `number`."""
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
        if spec.choices and text and text not in spec.choices:
            self._complain(spec, text, f"use one of {', '.join(spec.choices)}")
            return ""
        return text

    def _complain(self, spec: OptionSpec, value: str, hint: str) -> None:
        self.problems.append(f"{spec.name}: {value!r} is not understood, {hint}")


def _items(raw: object) -> Sequence[str]:
    if isinstance(raw, str):
        return raw.replace(",", " ").split()
    if isinstance(raw, (list, tuple)):
        return [str(item).strip() for item in raw if str(item).strip()]
    return ()
