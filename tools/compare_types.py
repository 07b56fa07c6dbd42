"""What mypy with celery-types, and pylint with pylint-django, say of our rules' own examples.

python -m tools.compare_types FOLDER    run mypy and pylint of that environment's bin folder, store
                                        what they say in tests/peers/types.tsv

`python -m tools.compare` puts the figures into docs/comparison.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flake8_celery.linter import rules
from flake8_celery.pages import docstring, examples

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "tests" / "peers" / "types.tsv"
MYPY, PYLINT = "mypy + celery-types", "pylint + pylint-django"
#: What an example lacks for being one: names, imports and annotations of the project around it.
BESIDE: Final = {
    MYPY: {
        "name-defined",
        "import-not-found",
        "import-untyped",
        "no-untyped-def",
        "no-untyped-call",
    }
    | {"misc", "untyped-decorator", "type-arg", "no-redef"},
    PYLINT: {"undefined-variable", "import-error"},
}


def marked() -> Iterator[tuple[str, str, str, list[int]]]:
    """Each bad example: code, a file's name, its text, the marked lines."""
    for info in rules():
        for number, example in enumerate(examples(docstring(info))):
            if example.marks and example.settings.get("file", ".py").endswith(".py"):
                lines = sorted({mark.line for mark in example.marks})
                yield info.code, f"{info.code.lower()}_{number}.py", example.source, lines


def said_by_mypy(folder: Path, program: Path, names: list[str]) -> set[tuple[str, int]]:
    """The lines where mypy speaks."""
    command = [str(program), "--strict", "--output", "json", "--no-error-summary"]
    done = subprocess.run([*command, *names], cwd=folder, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {
        (row["file"], row["line"])
        for row in rows
        if row["severity"] == "error" and row["code"] not in BESIDE[MYPY]
    }


def said_by_pylint(folder: Path, program: Path, names: list[str]) -> set[tuple[str, int]]:
    """The lines where pylint speaks of an error."""
    command = [str(program), "--load-plugins=pylint_django", "--disable=all", "--enable=E"]
    command += ["--disable=django-not-configured", "-f", "json", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return {
        (row["path"], row["line"])
        for row in json.loads(done.stdout)
        if row["symbol"] not in BESIDE[PYLINT]
    }


def main(arguments: list[str] | None = None) -> int:
    """Run both and store the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("programs", type=Path, help="the bin folder of an environment")
    programs = parser.parse_args(arguments).programs.resolve()
    wanted = list(marked())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for _, file, text, _ in wanted:
            (folder / file).write_text(text, encoding="utf-8")
        names = [file for _, file, _, _ in wanted]
        said = {
            MYPY: said_by_mypy(folder, programs / "mypy", names),
            PYLINT: said_by_pylint(folder, programs / "pylint", names),
        }
    rows = [f"code\tmarked\t{MYPY}\t{PYLINT}"]
    for code in sorted({row[0] for row in wanted}):
        of_code = [(f, line) for c, f, _, lines in wanted if c == code for line in lines]
        told = [str(sum(place in said[tool] for place in of_code)) for tool in (MYPY, PYLINT)]
        rows.append("\t".join([code, str(len(of_code)), *told]))
    RESULTS.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
