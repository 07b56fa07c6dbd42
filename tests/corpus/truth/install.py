"""Each package in an environment of its own, and what real Celery says there.

Nothing else of the corpus is ever run. What is run here has a home of its own, an environment that
holds nothing of ours, and no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus.fetch import FOLDER
from tests.corpus.truth.packages import Trial

HOME = FOLDER / "truth"
DRIVER = Path(__file__).parent / "driver.py"
#: Seconds that an installation, and a run, may take.
PATIENCE, RUN = 600, 180


#: A module that has every name, each a class.
_ANYTHING = """\
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (Exception,), {})
"""


class NotToBeHad(Exception):
    """A package can't be installed or loaded here; the text says why."""


def interpreter(version: str) -> str:
    """A Python of this version: this one, one on PATH, or one of pyenv's."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in (f"python{version}", *map(str, pyenv.glob(f"{version}.*/bin/python"))):
        try:
            # pyenv puts a python3.x on PATH that may only say that it isn't chosen
            if subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
                return candidate
        except OSError:
            continue
    raise NotToBeHad(f"no Python {version} on this machine")


def reader(trial: Trial) -> str:
    """The Python that reads the package's source for us: not older than either needs."""
    newer = tuple(map(int, trial.python.split("."))) > sys.version_info[:2]
    return interpreter(trial.python) if newer else sys.executable


def install(trial: Trial) -> Path:
    """The folder of an installed package: `env`, its Python files in `source`, `project`."""
    folder = HOME / trial.name
    if not (folder / "source").is_dir():
        python = folder / "env" / "bin" / "python"
        (folder / "home").mkdir(parents=True, exist_ok=True)
        if not python.exists():
            _do([interpreter(trial.python), "-m", "venv", str(folder / "env")])
        pip = [str(python), "-m", "pip", "install", "-q", "--prefer-binary"]
        if trial.stand_ins:
            _do([*pip, *(str(_stand_in(folder, one)) for one in trial.stand_ins)])
        _do([*pip, trial.requirement, *trial.beside])
        _copy(trial, folder)
    shutil.rmtree(folder / "project", ignore_errors=True)
    for name, text in (("README", "Where the package is run."), *trial.project):
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _do(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotToBeHad(f"not installed after {PATIENCE} seconds") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "rror" in line]
        raise NotToBeHad(f"not installed: {' '.join(lines[:1])}")


def _stand_in(folder: Path, given: str) -> Path:
    """A distribution of a name, so that pip takes it for installed: `name==version:modules`."""
    requirement, _, modules = given.partition(":")
    name, _, version = requirement.partition("==")
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
        for module in modules.split():
            wheel.writestr(f"{module.replace('.', '/')}/__init__.py", _ANYTHING)
    return path


def site_packages(folder: Path) -> Path:
    """Where the package is installed."""
    return next((folder / "env" / "lib").glob("python3*/site-packages"))


def _copy(trial: Trial, folder: Path) -> None:
    """The package's own Python files as its project has them: a folder with a project file."""
    site, part = site_packages(folder), folder / "source.part"
    shutil.rmtree(part, ignore_errors=True)
    for top in trial.own:
        path = site.joinpath(*top.split("."))
        for file in [path.with_suffix(".py")] if not path.is_dir() else path.rglob("*.py"):
            target = part / file.relative_to(site)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    (part / "pyproject.toml").write_text(f'[project]\nname = "{trial.distribution}"\n')
    part.rename(folder / "source")


@cache
def without_network() -> tuple[str, ...]:
    """What to start a command with so that it has no network; nothing where that can't be had."""
    for command in (("unshare", "-n"), ("unshare", "-r", "-n")):
        try:
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                return command
        except OSError:
            break
    print("this system can't take the network away (unshare -n): packages run with it", flush=True)
    return ()


def ask(trial: Trial, python: str, folder: Path) -> dict[str, Any]:
    """What real Celery makes of a package that `python` has; see `driver.tell`.

    It is run in the folder's `project`, with its `home`.
    """
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    if trial.settings:
        environment["DJANGO_SETTINGS_MODULE"] = trial.settings
    environment.update(trial.environment)
    given = json.dumps({"app": trial.app, "own": trial.own, "modules": trial.modules})
    command = [python, "-I", str(DRIVER), given]
    try:
        done = subprocess.run(
            [*without_network(), *command],
            cwd=folder / "project",
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN,
        )
    except subprocess.TimeoutExpired:
        raise NotToBeHad(f"not loaded after {RUN} seconds") from None
    if done.returncode:
        raise NotToBeHad(f"not loaded: {' '.join(done.stderr.splitlines()[-1:])}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
