"""The build hook: when it builds, where it takes Node from, and what it says when it cannot."""

from __future__ import annotations

import importlib.util
import os
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The module hatch_build.py, which lies outside the package."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a web app of one file, built, an hour after its sources were written."""
    for name in ("web/package.json", "web/package-lock.json", "web/src/app.ts"):
        _write(tmp_path / name, "{}", age_s=7200)
    for name in ("index.html", "THIRD_PARTY_LICENSES.txt"):
        _write(tmp_path / "src/marigram/server/static" / name, "built", age_s=3600)
    for folder in ("web/src", "web"):
        _age(tmp_path / folder, 7200)
    return tmp_path


def test_a_build_newer_than_its_sources_is_fresh(hook: ModuleType, tree: Path) -> None:
    assert hook.is_fresh(tree)


@pytest.mark.parametrize("name", ["web/src/app.ts", "web/package.json", "web/src/new.ts"])
def test_a_source_changed_after_the_build_makes_it_stale(hook: ModuleType, tree: Path, name: str) -> None:
    _write(tree / name, "changed", age_s=0)
    assert not hook.is_fresh(tree)


def test_a_source_removed_after_the_build_makes_it_stale(hook: ModuleType, tree: Path) -> None:
    (tree / "web/src/app.ts").unlink()
    assert not hook.is_fresh(tree)


def test_what_npm_installs_does_not_make_the_build_stale(hook: ModuleType, tree: Path) -> None:
    _write(tree / "web/node_modules/some/index.js", "installed", age_s=0)
    assert hook.is_fresh(tree)


def test_a_build_without_its_licences_is_not_fresh(hook: ModuleType, tree: Path) -> None:
    (tree / "src/marigram/server/static/THIRD_PARTY_LICENSES.txt").unlink()
    assert not hook.is_fresh(tree)


@pytest.mark.parametrize(("version", "serves"), [("v18.19.0", False), ("v20.18.1", False), ("v20.19.0", True)])
def test_the_machines_node_serves_if_it_is_new_enough(
    hook: ModuleType, tmp_path: Path, version: str, serves: bool
) -> None:
    _program(tmp_path / "node", f"echo {version}")
    _program(tmp_path / "npm", "exit 0")
    found = hook.system_npm({"PATH": str(tmp_path)})
    assert found == (str(tmp_path / "npm") if serves else None)


def test_a_failing_npm_is_reported_with_the_command_and_the_way_out(
    hook: ModuleType, tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _write(tree / "web/src/app.ts", "changed", age_s=0)
    programs = tmp_path_factory.mktemp("programs")
    _program(programs / "node", "echo v22.0.0")
    _program(programs / "npm", "exit 7")
    with pytest.raises(hook.WebBuildError, match=r"(?s)npm ci.*exit status 7.*MARIGRAM_SKIP_WEB=1"):
        hook.build_web_app(tree, {"PATH": f"{programs}:/bin:/usr/bin"})


def test_a_build_that_makes_no_page_is_refused(
    hook: ModuleType, tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tree / "src/marigram/server/static/index.html").unlink()
    _write(tree / "web/node_modules/.package-lock.json", "{}", age_s=0)
    programs = tmp_path_factory.mktemp("programs")
    _program(programs / "node", "echo v22.0.0")
    _program(programs / "npm", "exit 0")
    with pytest.raises(hook.WebBuildError, match=r"lacks index\.html"):
        hook.build_web_app(tree, {"PATH": f"{programs}:/bin:/usr/bin"})


def test_a_tree_without_web_sources_says_where_to_build_from(hook: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(hook.WebBuildError, match="full clone"):
        hook.build_web_app(tmp_path, {"PATH": ""})


def _write(path: Path, text: str, *, age_s: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    _age(path, age_s)


def _age(path: Path, age_s: float) -> None:
    then = time.time() - age_s
    os.utime(path, (then, then))


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
