"""Proves that the checks check: plants one violation for each in a copy of the tree and demands to see it reported.

A check that looks at nothing is green for ever, and nobody notices. So every rule has a plant here: a file that breaks
it, the command that must refuse the file, and the words that must stand in what the command says. A plant that goes
unnoticed fails this script. The tree itself is not touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("src", "web", "tools", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
NOT_COPIED = ("node_modules", "__pycache__", "static")

RUFF = (sys.executable, "-m", "ruff")
PYRIGHT = (sys.executable, "-m", "pyright", "--pythonpath", sys.executable)
IMPORTS = (str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
SIZE = (sys.executable, "tools/size_check.py")
BIOME = ("node_modules/.bin/biome", "ci", "--colors=off")
TSC = ("node_modules/.bin/tsc", "--noEmit", "--pretty", "false")


@dataclass(frozen=True)
class Plant:
    """Files that break one rule, the command that must refuse them, and what it must say."""

    rule: str
    files: Mapping[str, str]
    command: Sequence[str]
    says: str
    folder: str = "."


def _imports(rule: str, module: str, imported: str) -> Plant:
    """Plant `module`, which imports what it may not; the contract is known by the start of its name."""
    path = f"src/{module.replace('.', '/')}.py"
    return Plant(rule=f"imports: {rule}", files={path: f"import {imported}\n"}, command=IMPORTS, says=rule)


_PYTHON = "src/marigram/model/planted.py"
_TYPESCRIPT = "src/base/planted.ts"


def _web(rule: str, file: str, text: str, command: Sequence[str], says: str) -> Plant:
    """Plant a file in the web app, whose tools run in its folder; `tsc` looks at all of it, Biome at the file."""
    arguments = [file] if command is BIOME else []
    return Plant(rule=rule, files={f"web/{file}": text}, command=(*command, *arguments), says=says, folder="web")


PLANTS = (
    Plant(
        rule="ruff: rules",
        files={_PYTHON: '"""Planted."""\n\nimport os\n'},
        command=(*RUFF, "check", "--no-cache", _PYTHON),
        says="F401",
    ),
    Plant(
        rule="ruff: every public name has a docstring",
        files={_PYTHON: '"""Planted."""\n\n\ndef planted() -> None:\n    return\n'},
        command=(*RUFF, "check", "--no-cache", _PYTHON),
        says="D103",
    ),
    Plant(
        rule="ruff: format",
        files={_PYTHON: '"""Planted."""\n\nA = {  "a":1 }\n'},
        command=(*RUFF, "format", "--check", "--no-cache", _PYTHON),
        says="planted.py",
    ),
    Plant(
        rule="pyright: strict over src",
        files={_PYTHON: '"""Planted."""\n\n\ndef planted(x, y: int) -> str:\n    return y\n'},
        command=(*PYRIGHT, _PYTHON),
        says="reportMissingParameterType",
    ),
    Plant(
        rule="pyright: the oldest Python is 3.10",
        files={_PYTHON: '"""Planted."""\n\nfrom enum import StrEnum\n\n__all__ = ["StrEnum"]\n'},
        command=(*PYRIGHT, _PYTHON),
        says="StrEnum",
    ),
    Plant(
        rule="pyright: src runs on Windows",
        files={_PYTHON: '"""Planted."""\n\nimport os\n\nPLANTED: int = os.getuid()\n'},
        command=(*PYRIGHT, "--pythonplatform", "Windows", _PYTHON),
        says='"getuid" is not a known attribute',
    ),
    Plant(
        rule="pyright: src runs on macOS",
        files={_PYTHON: '"""Planted."""\n\nimport os\n\nos.posix_fallocate(0, 0, 0)\n'},
        command=(*PYRIGHT, "--pythonplatform", "Darwin", _PYTHON),
        says='"posix_fallocate" is not a known attribute',
    ),
    Plant(
        rule="size: 500 lines",
        files={_PYTHON: "# line\n" * 501},
        command=SIZE,
        says="planted.py has 501 lines",
    ),
    Plant(
        rule="size: the web app too",
        files={f"web/{_TYPESCRIPT}": "// line\n" * 501},
        command=SIZE,
        says="planted.ts has 501 lines",
    ),
    _imports("Imports point down the data's way", "marigram.model.planted", "marigram.server.app"),
    _imports("Behind the port", "marigram.server.store.planted", "marigram.server.query"),
    _imports("Adapters are islands", "marigram.server.protocols.planted", "marigram.server.protocols.native"),
    _imports("Only the doors and access reach the stores", "marigram.server.api.planted", "marigram.server.store"),
    _imports("Only app.py chooses engines", "marigram.server.query.planted", "marigram.server.store.points.memory"),
    _imports("The doors do not look sideways", "marigram.server.query.planted", "marigram.server.access"),
    _imports("Ingest asks nobody who may", "marigram.server.ingest.planted", "marigram.server.access"),
    _imports("The read API writes nothing", "marigram.server.api.planted", "marigram.server.ingest"),
    _imports("Only the client and the native adapter speak wire", "marigram.server.ingest.planted", "marigram.wire"),
    _imports("Integrations and importers use the public API", "marigram.integrations.planted", "marigram.client"),
    _imports("The model and the wire need next to nothing", "marigram.client.planted", "numpy"),
    _web("biome: rules", _TYPESCRIPT, "export const planted: any = 1;\n", BIOME, "noExplicitAny"),
    _web("biome: format", _TYPESCRIPT, "export const planted =    1\n", BIOME, "planted.ts format"),
    _web("biome: base imports nothing", _TYPESCRIPT, 'export * from "#api/types.ts";\n', BIOME, "noRestrictedImports"),
    _web(
        "biome: widgets do not fetch",
        "src/widgets/planted.ts",
        'export * from "#api/types.ts";\n',
        BIOME,
        "noRestrictedImports",
    ),
    _web(
        "biome: no feature imports a sibling",
        "src/features/planted/planted.ts",
        'export * from "#features/run/run.tsx";\n',
        BIOME,
        "noRestrictedImports",
    ),
    _web("tsc: types", _TYPESCRIPT, 'export const planted: number = "one";\n', TSC, "planted.ts"),
    _web(
        "tsc: an index may miss",
        _TYPESCRIPT,
        "export const planted = (xs: number[]): number => xs[0];\n",
        TSC,
        "planted.ts",
    ),
)


def main() -> int:
    """Plant one after the other; return 1 if one went unnoticed."""
    began = time.monotonic()
    unnoticed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _copy_tree(tree)
        for plant in PLANTS:
            problem = _try(plant, tree)
            print(f"{'caught' if problem is None else 'MISSED'}  {plant.rule}", flush=True)
            if problem is not None:
                unnoticed.append(f"{plant.rule}: {problem}")
    for text in unnoticed:
        print(f"\nerror: {text}")
    caught = len(PLANTS) - len(unnoticed)
    print(f"\n{caught} of {len(PLANTS)} planted violations were caught, in {time.monotonic() - began:.0f} s.")
    return 1 if unnoticed else 0


def _copy_tree(tree: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns(*NOT_COPIED))
        elif source.exists():
            shutil.copy2(source, tree / name)
    modules = ROOT / "web" / "node_modules"
    if modules.is_dir():
        (tree / "web" / "node_modules").symlink_to(modules)


def _try(plant: Plant, tree: Path) -> str | None:
    """Return what went wrong, None if the violation was caught."""
    made = [path for name in plant.files for path in _write(tree / name, plant.files[name])]
    try:
        environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
        done = subprocess.run(
            plant.command,
            cwd=tree / plant.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    except OSError as error:
        return f"{error}. Run `make setup web-check` first."
    finally:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
    said = done.stdout + done.stderr
    if plant.command is IMPORTS:
        # The contract must be the broken one, and for the plant's sake.
        caught = any(plant.says in line and " BROKEN" in line for line in said.splitlines())
        caught = caught and ".planted" in said
    else:
        caught = plant.says in said
    if done.returncode != 0 and caught:
        return None
    return f"`{' '.join(plant.command)}` ended with {done.returncode} and did not report it:\n{said[-3000:]}"


def _write(path: Path, text: str) -> list[Path]:
    """Write a file, and return it and what else was made for it, outermost first."""
    folders = [folder for folder in reversed(path.parents) if not folder.exists()]
    for folder in folders:
        folder.mkdir()
    # import-linter sees no module in a folder that is no package.
    packages = [folder for folder in path.parents if path.suffix == ".py" and "marigram" in folder.parts]
    markers = [folder / "__init__.py" for folder in packages if not (folder / "__init__.py").exists()]
    for marker in markers:
        marker.touch()
    path.write_text(text, encoding="utf-8")
    return [*folders, *markers, path]


if __name__ == "__main__":
    sys.exit(main())
