"""Compare our findings with those of celery-audit and flake8-pie; write docs/comparison.md.

python -m tools.compare                 lint the samples anew, write the page
python -m tools.compare --check         write nothing; exit 1 if the page is stale
python -m tools.compare --peers FOLDER  run celery-audit and flake8 (with flake8-pie) of that folder
                                        too, and store what they say

What the peers said is stored in tests/peers/results.tsv; without `--peers` only ours are run anew.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from flake8_celery.linter import rules
from tests.peers.samples import (
    AUDIT,
    PIE,
    RESULTS,
    SAME,
    Sample,
    Score,
    ours,
    peer_results,
    run_peers,
    samples,
    score_ours,
    score_peer,
)

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "comparison.md"
SHOP = ROOT / "tests" / "peers" / "shop.tsv"
TYPES = ROOT / "tests" / "peers" / "types.tsv"
TYPES_HEAD = """
celery-types gives mypy the types of Celery; pylint-django teaches pylint Django. Neither looks for
mistakes with Celery, and both find some. Counted are the lines that our rules' pages mark as wrong,
all of which we tell; one is told by the other if it says anything there but that a name or import
is unknown (`mypy --strict`; `pylint --enable=E`). The examples are ours, written for what we look
for: the table shows which kinds overlap, not who is better. What types are best at (arguments of
`delay` and `apply_async` across modules, `None` results, wrong attributes) they find in more
places than Celery's. Use both.

mypy 2.4.1, celery-types 0.26.0, pylint 4.1.4, pylint-django 2.8.0, Celery 5.7.0; stored by
`python -m tools.compare_types BIN`.
"""
HEAD = """# Compared with other linters

celery-audit 0.1.0 audits a configuration and the tasks around it; flake8-pie 0.16.0 has three rules
on Celery. Both were run as their users run them, on the {count} small projects in
`tests/peers/samples`, written for this: each rule has projects with a mistake planted and twins
without it. *Found* counts planted mistakes, *false* counts findings where nothing is wrong. A dash
means that the linter has no such rule. Ours must name the very line and may say nothing else, with
any default rule; a finding of a peer counts for its own rule alone, anywhere in the project.

Two rules of celery-audit have no counterpart of ours: its CEL016, a task module that no setting
reaches (imports, command lines and application factories reach modules too, and nobody can list
them), and its CEL024, a prefetch left at its default beside a time limit (nothing breaks by it).

Written by `python -m tools.compare`.
"""


def table(wanted: list[Sample]) -> Iterator[str]:
    """The rows, one a rule, and their sums."""
    stored = peer_results()
    names = {info.code: info.symbol for info in rules()}
    yield "| rule | planted | good | ours | | celery-audit | | flake8-pie | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    yield "| | | | found | false | found | false | found | false |"
    sums: dict[str, Score] = {}
    planted = good = 0
    for row in sorted({sample.row for sample in wanted}):
        of_row = [sample for sample in wanted if sample.row == row]
        planted_here = sum(len(sample.planted) for sample in of_row)
        good_here = sum(not sample.planted for sample in of_row)
        planted, good = planted + planted_here, good + good_here
        cells = [f"[{row}](rules/{row}.md) {names.get(row, '')}", str(planted_here), str(good_here)]
        for tool in ("ours", AUDIT, PIE):
            score = Score()
            for sample in of_row:
                if tool == "ours":
                    score += score_ours(sample, ours(sample))
                else:
                    score += score_peer(sample, stored.get((tool, sample.name), []))
            if tool == "ours" or any(row in codes.split() for codes in SAME[tool].values()):
                sums[tool] = sums.get(tool, Score()) + score
                cells += [str(score.found), str(score.false)]
            else:
                cells += ["-", "-"]
        yield f"| {' | '.join(cells)} |"
    cells = ["**all**", str(planted), str(good)]
    for tool in ("ours", AUDIT, PIE):
        cells += [str(sums[tool].found), str(sums[tool].false)]
    yield f"| {' | '.join(cells)} |"


def shop() -> Iterator[str]:
    """The findings on examples/shop, as judged by hand."""
    expected = (ROOT / "examples" / "expected.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in SHOP.read_text(encoding="utf-8").splitlines()[1:]]
    yield "| linter | mistakes | advice | false |"
    yield "| --- | --- | --- | --- |"
    yield f"| ours | {len(expected)} | 0 | 0 |"
    for tool in (AUDIT, PIE):
        counts = [
            str(sum(row[0] == tool and row[1] == verdict for row in rows))
            for verdict in ("mistake", "advice", "false")
        ]
        yield f"| {tool} | {' | '.join(counts)} |"
    yield ""
    for tool, verdict, code, place, reason in rows:
        if verdict == "false":
            yield f"- {tool} {code} at `{place}`: {reason}"


def types() -> Iterator[str]:
    """How many of the lines marked in our rules' examples others tell."""
    head, *lines = TYPES.read_text(encoding="utf-8").splitlines()
    counts: dict[str, list[int]] = {}
    for line in lines:
        code, *cells = line.split("\t")
        of_family = counts.setdefault(f"CEL{code[3]}xx", [0, 0, 0])
        counts[f"CEL{code[3]}xx"] = [a + int(b) for a, b in zip(of_family, cells, strict=True)]
    counts["**all**"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    yield f"| rules | marked | {' | '.join(head.split(chr(9))[2:])} |"
    yield "| --- | --- | --- | --- |"
    for family, cells_ in counts.items():
        yield f"| {family} | {' | '.join(map(str, cells_))} |"


def page() -> str:
    """The whole page."""
    wanted = samples()
    parts = [
        HEAD.format(count=len(wanted)),
        "## Planted mistakes\n",
        *table(wanted),
        "",
        "## The example shop\n",
        "`examples/shop` has mistakes of many kinds. What each linter says of it with its defaults",
        "was read and judged by hand (`tests/peers/shop.tsv`): a mistake, advice, or false.\n",
        *shop(),
        "",
        "## Type checkers",
        TYPES_HEAD,
        *types(),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check; the exit code: 1 where the page is stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--peers", type=Path, metavar="FOLDER")
    given = parser.parse_args(arguments)
    if given.peers is not None:
        lines = list(run_peers(given.peers.resolve(), samples()))
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if given.check:
        print(f"{PAGE.relative_to(ROOT)} is stale: run python -m tools.compare")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
