"""What holds for all rules and for the rooms they live in."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import pytest

from flake8_celery.core.engine.rule import Rule
from flake8_celery.core.engine.run import load
from flake8_celery.core.syntax.gate import NEEDLES, passes_gate
from flake8_celery.linter import rules
from tests import ROOT

INFOS = rules()


@pytest.mark.parametrize(
    "info", [i for i in INFOS if i.default and not i.option], ids=lambda info: info.code
)
def test_default_rule_has_a_proof(info: object) -> None:
    code = info.code.lower()  # type: ignore[attr-defined]
    proof = ROOT / "tests" / "proofs" / f"test_{code}.py"
    names = re.findall(r"^def (test_\w+)", proof.read_text(encoding="utf-8"), re.M)
    assert len(names) >= 2, "a proof shows the defect and the way out"


def test_codes_symbols_and_pylint_ids_are_unique() -> None:
    for values in (
        [i.code for i in INFOS],
        [i.symbol for i in INFOS],
        [i.pylint[1:] for i in INFOS],
    ):
        assert len(values) == len(set(values))


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.code)
def test_rule_is_well_formed(info: Rule) -> None:
    rule = info
    assert callable(load(rule))
    assert re.fullmatch(r"CEL\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+|[a-z]+", rule.symbol)
    assert re.fullmatch(r"[CEIRW]8[567]\d\d", rule.pylint)
    assert re.search(r"(\w|[)%`?]|\.\.\.)$", rule.message)
    assert len(rule.message) < 140


@pytest.mark.parametrize("module", ["tools.generate", "tools.build_facts"])
def test_generated_files_are_fresh(module: str) -> None:
    if module == "tools.build_facts":
        pytest.importorskip("celery", "5.7")
    done = subprocess.run(
        [sys.executable, "-m", module, "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


LINTERS = {"flake8", "pylint", "astroid"}
MAY_NOT = {
    "core": LINTERS | {"celery", "kombu", "django", "flake8_celery.rules.", "pylint_celery"},
    "tables": LINTERS | {"celery", "kombu", "django", "flake8_celery.core", "flake8_celery.rules"},
    "rules": LINTERS | {"celery", "kombu", "django", "pylint_celery", "flake8_celery.plugin"},
    "plugin.py": {"celery", "kombu", "django", "pylint", "astroid", "pylint_celery"},
    "options.py": LINTERS | {"celery", "kombu"},
}


@pytest.mark.parametrize("room", MAY_NOT)
def test_imports_go_one_way(room: str) -> None:
    path = ROOT / "flake8_celery" / room
    for file in path.rglob("*.py") if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                for banned in MAY_NOT[room]:
                    inside = name == banned or name.startswith(banned.rstrip(".") + ".")
                    if inside and not name.endswith("rules._index"):
                        pytest.fail(f"{file.name} imports {name}")


def test_import_is_quick() -> None:
    """The plugin is imported by each flake8 run, Celery project or not; milliseconds of CPU."""
    code = (
        "import time; import flake8.main.application\n"
        "start = time.process_time()\n"
        "import flake8_celery.plugin\n"
        "print((time.process_time() - start) * 1000)"
    )
    # a first run may have to compile our modules
    bytecode = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times = [
        float(subprocess.check_output([sys.executable, "-c", code], text=True, env=bytecode))
        for _ in range(9)
    ]
    assert min(times) < 5


def test_rules_are_loaded_when_they_have_something_to_read() -> None:
    code = (
        "import sys\nfrom flake8_celery.linter import lint\n"
        "lint('from celery import shared_task\\n\\n@shared_task\\ndef f(): ...\\n', 'x.py')\n"
        "print([n for n in sys.modules if n.startswith('flake8_celery.rules.schedule.')])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("needle", NEEDLES)
def test_gate_opens_for(needle: str) -> None:
    assert passes_gate(f"x = 1\n{needle}\n", "module.py")


@pytest.mark.parametrize(
    "source",
    [
        "from celery import shared_task",
        "import celery",
        "from proj.tasks import add\nadd.delay(1)",
        "from proj.tasks import add\nadd.apply_async((1,))",
        "from proj.celery import app\n@app.task\ndef f(): ...",
        "from kombu import Queue",
    ],
)
def test_gate_opens_for_code(source: str) -> None:
    assert passes_gate(source, "module.py")


def test_gate_is_shut_for_other_code() -> None:
    assert not passes_gate("import os\n\nprint(os.getcwd())\n", "module.py")
