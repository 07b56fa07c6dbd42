"""Tells what real Celery makes of a package; run by the Python that has the package installed.

It imports nothing of this project. Input: one argument, JSON: `app` (`module:name`, or empty for an
application of the driver's own), `own` (the package's top modules), `modules` (to import first).
Output: JSON on the last line. The other side uses `plain` too, so that both say a value alike.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from typing import Any

#: What is asked of each task beside its name and its parameters.
OPTIONS = (
    *("acks_late", "acks_on_failure_or_timeout", "autoretry_for", "compression"),
    *("default_retry_delay", "dont_autoretry_for", "exchange", "expires", "ignore_result"),
    *("max_retries", "priority", "queue", "rate_limit", "reject_on_worker_lost"),
    *("resultrepr_maxsize", "retry_backoff", "retry_backoff_max", "retry_jitter", "retry_kwargs"),
    *("routing_key", "send_events", "serializer", "soft_time_limit"),
    *("store_errors_even_if_ignored", "throws", "time_limit", "track_started", "trail", "typing"),
)


def plain(value: Any) -> Any:
    """A value as JSON has it: lists and tuples are one, a class is its name, the rest a `repr`."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=repr)
    if isinstance(value, dict) or type(value).__name__ == "DictAttribute":
        return {"dict": sorted(([plain(k), plain(v)] for k, v in value.items()), key=repr)}
    if isinstance(value, type):
        return {"class": value.__name__}
    if hasattr(value, "_orig_minute"):
        return {"crontab": [str(getattr(value, "_orig_" + field)) for field in CRONTAB]}
    if hasattr(value, "run_every"):
        return plain(value.run_every)
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    if type(value).__name__ == "Queue":
        return {"queue": value.name}
    return {"other": repr(value)}


CRONTAB = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")


def parameters(function: Any, follow: bool) -> list[list[Any]] | None:
    """The parameters as `[name, kind, has a default]`; `follow` looks below decorators."""
    try:
        found = inspect.signature(function, follow_wrapped=follow).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[one.name, one.kind.name, one.default is not one.empty] for one in found]


def place(function: Any) -> dict[str, Any]:
    """Where the function that runs stands, below its decorators: file, line and dotted name."""
    function = inspect.unwrap(function)
    function = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(function, "__code__", None)
    return {
        "file": code.co_filename if code is not None else "",
        "line": code.co_firstlineno if code is not None else 0,
        "function": getattr(function, "__qualname__", ""),
    }


def annotated(app: Any, task: Any) -> set[str]:
    """The options that the setting `task_annotations` gives a task, whatever stands on it."""
    from celery.app.annotations import resolve_all

    return {option for given in resolve_all(app.annotations, task) for option in given}


def application(name: str) -> Any:
    """The application named, or one of our own that finds the tasks of Django's apps."""
    if name:
        module, _, attribute = name.partition(":")
        return getattr(importlib.import_module(module), attribute)
    from celery import Celery

    app = Celery("truth")
    app.set_default()
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        app.autodiscover_tasks()
    return app


def tell(given: dict[str, Any]) -> dict[str, Any]:
    """All that the other side is compared with."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        import django

        django.setup()
    for module in given["modules"]:
        importlib.import_module(module)
    app = application(given["app"])
    app.loader.import_default_modules()
    app.finalize()
    import celery
    from celery.app.defaults import NAMESPACES, flatten

    def own(module: str) -> bool:
        return any(module == top or module.startswith(top + ".") for top in given["own"])

    tasks = {}
    for name, task in sorted(app.tasks.items()):
        if not own(type(task).__module__):
            continue
        run = getattr(task, "_orig_run", None) or task.run
        tasks[name] = {
            **place(run),
            "bound": getattr(run, "__self__", None) is task,
            "parameters": parameters(run, True),
            "outermost": parameters(run, False),
            "options": {
                option: plain(getattr(task, option, None))
                for option in OPTIONS
                if option not in annotated(app, task)
            },
        }
    from_settings = dict(app.Task.from_config)
    # what a task without options gets: from its class, or from the application
    usual = {"typing": app.strict_typing}
    defaults = {key: plain(option.default) for key, option in flatten(NAMESPACES)}
    settings = {}
    for key in defaults:
        try:
            settings[key] = plain(app.conf[key])
        except Exception as error:
            print(f"{key}: {error!r}", file=sys.stderr)
    return {
        "celery": celery.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "modules": sorted(
            str(module.__file__)
            for name, module in list(sys.modules.items())
            if own(name) and getattr(module, "__file__", None)
        ),
        "tasks": tasks,
        "plain": {
            option: [
                plain(getattr(celery.Task, option, None)),
                settings.get(from_settings.get(option, ""), usual.get(option)),
            ]
            for option in OPTIONS
        },
        "settings": settings,
        "defaults": defaults,
        "beat": {
            str(label): {
                "task": entry.get("task"),
                "schedule": plain(entry.get("schedule")),
                "args": plain(entry.get("args") or ()),
                "kwargs": plain(entry.get("kwargs") or {}),
                "options": plain(entry.get("options") or {}),
            }
            for label, entry in dict(app.conf.beat_schedule or {}).items()
            if isinstance(entry, dict)
        },
    }


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    # the package may print what it likes: only the last line counts
    print("\n" + json.dumps(tell(json.loads(sys.argv[1]))))
