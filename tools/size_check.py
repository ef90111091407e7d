"""Holds files to a size at which one idea fits: names those over 300 lines, fails on those over 500.

`python tools/size_check.py [ROOT]`. Files that a generator writes are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

NOTED_OVER = 300
REFUSED_OVER = 500
FOLDERS = ("src", "web/src", "tests", "tools", "benchmarks")
SUFFIXES = frozenset({".py", ".ts", ".tsx", ".css"})
NOT_OURS = frozenset({"node_modules", "__pycache__", "static"})
GENERATED = frozenset({"web/src/api/schema.d.ts", "web/src/app/routeTree.gen.ts"})


def sizes(root: Path) -> Iterator[tuple[str, int]]:
    """Yield the path of every file that people write, relative to `root`, and how many lines it has."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if path.suffix not in SUFFIXES or name.as_posix() in GENERATED or NOT_OURS.intersection(name.parts):
                continue
            yield name.as_posix(), len(path.read_text(encoding="utf-8").splitlines())


def main(root: Path) -> int:
    """Print what is large; return 1 if something is too large."""
    found = list(sizes(root))
    refused = [(name, lines) for name, lines in found if lines > REFUSED_OVER]
    for name, lines in found:
        if NOTED_OVER < lines <= REFUSED_OVER:
            print(f"note: {name} has {lines} lines; over {NOTED_OVER}, see whether it holds two ideas.")
    for name, lines in refused:
        print(f"error: {name} has {lines} lines; at most {REFUSED_OVER} are allowed. Split it by idea.")
    print(f"{len(found)} files looked at, {len(refused)} too large.")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
