"""Run the plugin over real code.

python -m tests.corpus fetch                download the pinned packages into .corpus/
python -m tests.corpus run [--rule CEL301]  print every finding, compare with the verdicts
python -m tests.corpus run --update         write new findings into the verdict file
python -m tests.corpus dispatches           how many dispatches are led to their task, of how many
python -m tests.corpus run --negative       code that uses other task queues: no finding is right
python -m tests.corpus fixed FOLDER         bugs that projects fixed, in the clones in FOLDER:
                                            flagged at the parent of the fix, silent at the fix
python -m tests.corpus queues [--folder D]  where queue names come from; which of them are known
python -m tests.corpus agree [--folder D]   what only one of the halves says, all rules on
python -m tests.corpus net [--keep]         all findings of both halves against those kept before
python -m tests.corpus fix [--update]       `fix` over a copy: its changes against those kept
python -m tests.corpus frequency            how often each advice finds something: writes the table
python -m tests.corpus recall [--half pylint] [--folder D]
                                            mistakes put into real code: how many are told;
                                            with --update stored by package for
                                            docs/figures.md, misses and their reasons too
python -m tests.corpus truth [--package P]  installs packages, has real Celery load them without
                                            network, and compares its tasks and settings with ours;
                                            with --update stored for docs/figures.md
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.corpus import dispatches, frequency, verdicts
from tests.corpus.fetch import FOLDER, fetch
from tests.corpus.fixed import check
from tests.corpus.net import everything, net
from tests.corpus.packages import REPOSITORIES
from tests.corpus.run import findings_below


def main() -> int:
    """Fetch or run; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    commands = (
        *("fetch", "run", "fixed", "queues", "agree", "dispatches", "net", "frequency", "recall"),
        *("truth", "fix"),
    )
    parser.add_argument("command", choices=commands)
    parser.add_argument("folder", nargs="?", type=Path, help="for fixed: where the clones are")
    parser.add_argument("--rule", action="append", default=[], metavar="CEL301")
    parser.add_argument("--package", action="append", default=[], metavar="NAME")
    parser.add_argument("--negative", action="store_true")
    parser.add_argument("--update", action="store_true", help="store what is found")
    parser.add_argument("--keep", action="store_true", help="for net: keep what is found")
    parser.add_argument("--select", action="append", default=[], help="opt-in rules to run too")
    parser.add_argument(
        "--folder",
        dest="folders",
        action="append",
        default=[],
        type=Path,
        help="for queues, agree and recall: a project",
    )
    parser.add_argument("--half", choices=("flake8", "pylint"), default="flake8")
    parser.add_argument("--kind", action="append", default=[], help="for recall: only this kind")
    arguments = parser.parse_args()
    if arguments.command == "fetch":
        return 1 if fetch() else 0
    if arguments.command == "truth":
        from tests.corpus.truth import measure as against_the_truth

        if arguments.update and arguments.package:
            parser.error("--update wants all of the packages")
        return against_the_truth(arguments.package, arguments.update)
    if arguments.command == "fixed":
        if arguments.folder is None:
            parser.error("fixed wants the folder of the clones")
        return check(arguments.folder)
    if arguments.command in ("net", "fix"):
        folders = everything(arguments.negative)
        if arguments.package:
            folders = [f for f in folders if f.name.startswith(tuple(arguments.package))]
        if arguments.command == "net":
            return net(folders, arguments.keep)
        from tests.corpus.fixes import fix_all

        if arguments.update and arguments.package:
            parser.error("--update wants all of the corpus")
        return fix_all(folders, arguments.update, bool(arguments.package))
    if arguments.command in ("queues", "agree", "recall"):
        folders = _projects(arguments.folders, arguments.package)
        if arguments.command == "recall":
            from tests.corpus.recall import measure

            if arguments.update and (arguments.folders or arguments.kind):
                parser.error("--update wants packages of the corpus, and all kinds")
            missed = measure(folders, arguments.half, arguments.kind, arguments.update)
            return 1 if missed else 0
        from tests.corpus.agree import agreement
        from tests.corpus.queues import census

        return 1 if (census if arguments.command == "queues" else agreement)(folders) else 0
    folder = FOLDER / ("negative" if arguments.negative else "packages")
    if not folder.is_dir():
        print("no packages: run python -m tests.corpus fetch first")
        return 2
    if arguments.command == "frequency":
        frequency.FILE.write_text(frequency.measure(folder), encoding="utf-8")
        return 0
    if arguments.command == "dispatches":
        sampled, named = dispatches.shares(folder)
        print("dispatches whose task stands in the project, led to it across imports")
        print(f"of the judged sample: {sampled}")
        print(f"of all whose last name is that of a task of their package: {named}")
        for sent in named.missed:
            print(f"MISSED {sent.package}/{sent.path}:{sent.line} {sent.call}")
        return 0 if sampled.resolved >= dispatches.WANTED * sampled.total else 1
    report = findings_below(folder, arguments.package, arguments.select)
    found = [f for f in report.findings if not arguments.rule or f.code in arguments.rule]
    for finding in found:
        print(
            f"{finding.path}:{finding.line}:{finding.column + 1} {finding.code} {finding.message}"
        )
        print(f"    | {finding.source}")
    print()
    for code, count in sorted(Counter(f.code for f in found).items()):
        print(f"{code}: {count}")
    print(
        f"{len(found)} findings in {report.files} files; {report.gated} pass the gate, "
        f"{len(report.unparsed)} can't be parsed by this Python, which {report.unread} imports say"
    )
    crashed = [f for f in found if f.code == "CEL000"]
    if arguments.negative:
        return 1 if found else 0
    if arguments.rule or arguments.package or arguments.select:
        return 1 if crashed else 0
    known = verdicts.read()
    change = verdicts.compare(known, found)
    if arguments.update:
        verdicts.write(change.merged)
        print(f"{len(change.new)} new, {len(change.lost)} lost; written")
        return 0
    for row in change.new:
        print(f"NEW   {row.package}/{row.path}:{row.line} {row.code} | {row.source}")
    for row in change.lost:
        print(f"LOST  {row.package}/{row.path}:{row.line} {row.code} | {row.source}")
    false = [row for row in change.merged if row.verdict != "true"]
    for row in false:
        print(
            f"{row.verdict.upper():5} {row.package}/{row.path}:{row.line} {row.code} {row.reason}"
        )
    return 1 if change.new or change.lost or false or crashed else 0


def _projects(folders: list[Path], packages: list[str]) -> list[Path]:
    """The given folders, or the packages and repositories of the corpus."""
    if not folders:
        below = [FOLDER / "packages", FOLDER / "repositories"]
        folders = sorted(p for b in below if b.is_dir() for p in b.iterdir() if p.is_dir())
        seen = {folder.name for folder in folders}
        for name, commit in REPOSITORIES.items():
            if f"{name.rpartition('/')[2]}-{commit[:10]}" not in seen:
                print(f"not counted: {name} at {commit[:10]}, not below {below[1].name}/")
    if packages:
        folders = [f for f in folders if any(f.name.startswith(name) for name in packages)]
    return folders


if __name__ == "__main__":
    sys.exit(main())
