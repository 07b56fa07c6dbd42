"""Run both halves over the cases, or over a folder laid out like them.

python -m tests.cases [FOLDER]   print found/planted and false; 1 if anything is missed or false
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.cases.run import FOLDER, HALVES, run


def main() -> int:
    """Print; the exit code."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    failed = False
    for half in HALVES:
        result = run(half, folder)
        for word, rows in (("missed", result.missed), ("false", result.false)):
            for told in rows:
                print(f"{half}: {word}: {told.case}/{told.file}:{told.line} {told.code}")
        told_count = len(result.planted) - len(result.missed)
        print(f"{half}: {told_count}/{len(result.planted)} found, {len(result.false)} false")
        failed |= bool(result.missed or result.false)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
