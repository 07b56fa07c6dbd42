"""The configuration reader against Celery's own `app.conf`, on generated projects.

Wherever the reader claims to know, Celery must agree; and it must claim often enough to be of use.
"""

from __future__ import annotations

import ast
import importlib
import os
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import celery
import pytest
from celery.app.defaults import DEFAULTS
from celery.exceptions import ImproperlyConfigured

from flake8_celery.core.model.build import build
from flake8_celery.core.model.fact import Absent
from flake8_celery.core.project.files import clear
from flake8_celery.core.settings.configuration import Configuration, Known
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.options import Options
from flake8_celery.tables.settings import OLD_NAMES
from tests.proofs.harness import fresh_state

PROJECTS = {"ci": 2_000, "nightly": 20_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 400)
#: Each with values that are not its default.
VALUES: dict[str, list[object]] = {
    "task_acks_late": [True, 1],
    "task_ignore_result": [True, 1],
    "task_track_started": [True, 1],
    "worker_prefetch_multiplier": [1, 2, 9],
    "result_expires": [60, 3600, 0],
    "task_default_queue": ["a", "b"],
    "task_time_limit": [5, 10],
    "result_serializer": ["yaml", "msgpack"],
    "worker_send_task_events": [True, 1],
}
OLD = {new: old for old, new in OLD_NAMES.items()}


class Maker:
    """One generated project."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.name = f"generated_{seed}"
        self.namespace = self.random.choice(
            [None, None, "CELERY", "CELERY", "CELERY_", "shop", "SHOP"]
        )

    def pick(self, *options: Any) -> Any:
        return self.random.choice(options)

    def spelling(self, key: str, loaded: bool) -> str:
        """A name for a setting, mostly one that counts."""
        if not loaded:
            return str(self.pick(key, key, key, OLD[key], f"CELERY_{key.upper()}"))
        prefix = (self.namespace or "CELERY").rstrip("_")
        right = key
        if self.namespace:
            right = f"{prefix}_{key}"
            right = right.upper() if prefix.isupper() else right.lower()
        others = (key, OLD[key], f"CELERY_{key.upper()}", key.upper())
        return str(self.pick(right, right, right, right, *others))

    def items(self, count: int, loaded: bool) -> list[tuple[str, object]]:
        keys = self.random.sample(sorted(VALUES), count)
        return [(self.spelling(key, loaded), self.pick(*VALUES[key])) for key in keys]

    def assignments(self, indent: str = "", depth: int = 0) -> list[str]:
        lines: list[str] = []
        for name, value in self.items(self.random.randint(1, 4), True):
            kind = self.random.randint(0, 11)
            if kind == 0:
                lines += [f"if FLAG:\n{indent}    {name} = {value!r}"]
            elif kind == 1:
                other = self.pick(*next(v for k, v in VALUES.items() if k in (name, key_of(name))))
                lines += [f"if FLAG:\n{indent}    {name} = {value!r}\n{indent}else:"]
                lines[-1] += f"\n{indent}    {name} = {other!r}"
            elif kind == 2:
                lines += [f"{name}, unused = {value!r}, 1"]
            elif kind == 3:
                lines += [f"try:\n{indent}    {name} = {value!r}"]
                lines[-1] += f"\n{indent}except ImportError:\n{indent}    pass"
            elif kind == 4:
                lines += [f"{name}: object = {value!r}"]
            elif kind == 5:
                lines += [f"{name} = {value!r}\n{indent}del {name}"]
            elif kind == 6:
                lines += [f"held = {value!r}\n{indent}{name} = held"]
            elif kind == 7:
                lines += [f"for {name} in [{value!r}]:\n{indent}    pass"]
            else:
                lines += [f"{name} = {value!r}"]
        return [f"{indent}{line}" for line in lines]

    def files(self) -> dict[str, str]:
        flag = f"FLAG = {self.pick(True, False)}"
        base = [flag, *self.assignments()]
        conf = [flag]
        star = self.pick(
            "from .base import *",
            "try:\n    from .base import *\nexcept ImportError:\n    pass",
            "",
            "",
            "from .missing import *" if self.random.random() < 0.1 else "",
        )
        if star == "from .missing import *":
            star = "try:\n    from .missing import *\nexcept ImportError:\n    pass"
        conf += [star, *self.assignments()]
        if self.random.random() < 0.1:
            conf.append("globals()['x'] = 1")
        parent = self.pick("", "(Parent)")
        conf += [
            "class Parent:",
            *self.assignments("    "),
            f"class Config{parent}:",
            *self.assignments("    "),
        ]
        return {
            "__init__.py": "",
            "base.py": "\n".join(base) + "\n",
            "conf.py": "\n".join(conf) + "\n",
            "celery.py": self.app(flag),
            "tasks.py": "from celery import shared_task\n",
        }

    def app(self, flag: str) -> str:
        lines = ["from celery import Celery", flag, f"from {self.name} import conf as module"]
        more = [f"{n}={v!r}" for n, v in self.items(self.random.randint(0, 2), False)]
        if self.namespace and self.random.random() < 0.3:
            more.append(f"namespace={self.namespace!r}")
        given = ", ".join([repr(self.name), "broker='memory://'", *more])
        lines.append(f"app = Celery({given})")
        steps = [self.set_on_app() for _ in range(self.random.randint(0, 3))]
        given = self.pick(
            f"'{self.name}.conf'",
            f"'{self.name}.conf'",
            "module",
            "module.Config",
            f"'{self.name}.conf:Config'",
            f"'{self.name}.conf.Config'",
            repr(dict(self.items(2, True))),
            None,
        )
        if given is not None:
            space = f", namespace={self.namespace!r}" if self.namespace else ""
            call = f"app.config_from_object({given}{space})"
            if self.random.random() < 0.1:
                other = f"app.config_from_object('{self.name}.base'{space})"
                call = f"if FLAG:\n    {call}\nelse:\n    {other}"
            steps.insert(self.random.randint(0, len(steps)), call)
            if self.random.random() < 0.1:
                steps.append(f"app.config_from_object('{self.name}.base')")
        return "\n".join([*lines, *steps]) + "\n"

    def set_on_app(self) -> str:
        [(name, value)] = self.items(1, False)
        kind = self.random.randint(0, 8)
        if kind == 0:
            return f"app.conf[{name!r}] = {value!r}"
        if kind == 1:
            return f"app.conf.update({name}={value!r})"
        if kind == 2:
            return f"table = {{{name!r}: {value!r}}}\napp.conf.update(table)"
        if kind == 3:
            return f"app.add_defaults({{{name!r}: {value!r}}})"
        if kind == 4:
            return f"if FLAG:\n    app.conf.{name} = {value!r}"
        if kind == 5:
            return f"app.conf.update(**dict({name}={value!r}))"
        if kind == 6:
            return f"def setup():\n    app.conf.{name} = {value!r}"
        return f"app.conf.{name} = {value!r}"


def key_of(name: str) -> str:
    """The setting that a generated name stands for."""
    if name in OLD_NAMES:
        return OLD_NAMES[name]
    bare = name.lower()
    for prefix in ("celery_", "shop_"):
        bare = bare.removeprefix(prefix)
    return bare


def judged(folder: Path, name: str) -> Configuration:
    path = folder / name / "tasks.py"
    text = path.read_text()
    version = ".".join(map(str, celery.VERSION[:2]))
    options = Options({"celery-target-version": version, "celery-app": f"{name}.celery:app"})
    return configuration_of(build(Module(text, str(path), ast.parse(text)), options))


def disagreement(configuration: Configuration, app: Any, key: str) -> tuple[bool, str]:
    """Whether the reader claims to know, and how Celery disagrees."""
    known = configuration.setting(key)
    if isinstance(known, Unknown):
        return False, ""
    real = app.conf[key]
    default = DEFAULTS[key]
    if isinstance(known, Absent):
        return True, "" if real == default else f"absent, but {real!r}"
    assert isinstance(known, Known)
    possible: list[object] = [] if known.sure else [default]
    for place in known.places:
        values = place.model.resolver.values(place.value, place.region)
        if isinstance(values, Unknown):
            return False, ""
        possible += values
    if any(real == value and type(real) is type(value) for value in possible):
        return True, ""
    return True, f"{possible!r}, but {real!r}"


@pytest.mark.filterwarnings("ignore")
def test_celery_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "setup.cfg").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    claims = looked = compared = 0
    wrong: list[str] = []
    with fresh_state(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(PROJECTS):
            maker = Maker(seed)
            folder = tmp_path / maker.name
            folder.mkdir()
            files = maker.files()
            for file, text in files.items():
                (folder / file).write_text(text)
            clear()
            configuration = judged(tmp_path, maker.name)
            try:
                app = importlib.import_module(f"{maker.name}.celery").app
                app.conf.finalize()
            except (ImproperlyConfigured, NameError):
                continue  # CEL804's, or a name that `del` took
            finally:
                for name in [n for n in sys.modules if n.startswith(maker.name)]:
                    del sys.modules[name]
            compared += 1
            for key in VALUES:
                looked += 1
                claimed, difference = disagreement(configuration, app, key)
                claims += claimed
                if difference:
                    wrong.append(f"{maker.name} {key}: {difference}\n{files}")
    assert not wrong, f"{len(wrong)}\n" + wrong[0].replace("\\n", "\n")
    assert compared >= 300
    assert claims > looked * 0.6
