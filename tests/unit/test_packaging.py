"""What a user installs is the whole product, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "marigram"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree, with the web app built into it."""
    return zipfile.ZipFile(_build("wheel", tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def sdist_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the source distribution of this tree holds, relative to its top folder."""
    with tarfile.open(_build("sdist", tmp_path_factory.mktemp("sdist"))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_holds_the_web_app_and_its_licences(wheel: zipfile.ZipFile) -> None:
    static = "marigram/server/static/"
    names = {name.removeprefix(static) for name in wheel.namelist() if name.startswith(static)}
    assert {"index.html", "THIRD_PARTY_LICENSES.txt"} <= names
    assert [name for name in names if name.endswith(".js")] != []


def test_the_wheel_holds_the_licence_and_the_typing_marker(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "marigram/py.typed" in names
    licence = next(name for name in names if name.endswith(".dist-info/licenses/LICENSE"))
    assert b"Apache License" in wheel.read(licence)


def test_the_wheel_holds_every_module_and_resource_of_the_package(wheel: zipfile.ZipFile) -> None:
    built = PACKAGE / "server" / "static"
    sources = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.is_relative_to(built)
    }
    assert sources - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_beside_the_package(wheel: zipfile.ZipFile) -> None:
    assert {name.partition("/")[0] for name in wheel.namelist() if ".dist-info/" not in name} == {"marigram"}


def test_the_wheel_offers_the_command_and_says_what_python_it_needs(wheel: zipfile.ZipFile) -> None:
    read = {name.rpartition("/")[2]: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name}
    assert "marigram = marigram.cli:main" in read["entry_points.txt"]
    assert "Requires-Python: >=3.10" in read["METADATA"]
    assert "License-Expression: Apache-2.0" in read["METADATA"]


def test_the_sdist_holds_the_sources_of_the_web_app_but_not_what_npm_installs(sdist_names: set[str]) -> None:
    assert {"web/package.json", "web/package-lock.json", "hatch_build.py", "LICENSE", "Makefile"} <= sdist_names
    assert [name for name in sdist_names if "node_modules" in name or "server/static" in name] == []


def _build(kind: str, folder: Path) -> Path:
    code = f"import sys; from hatchling.build import build_{kind} as build; build(sys.argv[1])"
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_SKIP_WEB"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return next(folder.iterdir())
