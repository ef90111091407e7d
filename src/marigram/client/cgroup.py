"""The limits that a container or a batch system sets by control groups, of version 1 or 2, and how far they are used.

In a container the machine's own figures mislead: a job that may use 2 of 64 cores is at its limit at 3 %. A limit of an
outer group holds for the inner ones, so the smallest on the way up counts. Linux only; elsewhere there are no limits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

_GB = 1e9
_NS = 1e-9
_US = 1e-6
_NO_LIMIT = "max"
_V1_NO_LIMIT = 1 << 60
"""Version 1 says "no limit" by a number near 2**63."""


class Cgroup:
    """The control groups of one process."""

    def __init__(
        self,
        *,
        pid: int,
        clock: Callable[[], float],
        proc: Path = Path("/proc"),
        root: Path = Path("/sys/fs/cgroup"),
    ) -> None:
        """Take the process, a monotonic clock in seconds, and where the kernel shows processes and groups."""
        self._pid = pid
        self._clock = clock
        self._proc = proc
        self._root = root
        self._cpu: tuple[Path, ...] = ()
        self._memory: tuple[Path, ...] = ()
        self._used: tuple[float, float] | None = None
        self.cpu_limit: float | None = None
        self.memory_limit: float | None = None

    def start(self) -> None:
        """Find the groups, and their limits in cores and in GB; None if there is none."""
        self._find()
        limits = [limit for limit in map(_cores_of, self._cpu) if limit is not None]
        self.cpu_limit = min(limits, default=None)
        sizes = [limit for limit in map(_bytes_of, self._memory) if limit is not None]
        self.memory_limit = min(sizes) / _GB if sizes else None
        self.read()

    def read(self) -> dict[str, float]:
        """Return what is used of the limits that there are: percent of the cores, and GB."""
        readings: dict[str, float] = {}
        if self.cpu_limit is not None:
            now, used = self._clock(), _cpu_seconds(self._cpu)
            if used is not None:
                if self._used is not None and now > self._used[0]:
                    seconds = now - self._used[0]
                    readings["cgroup_cpu"] = 100.0 * (used - self._used[1]) / seconds / self.cpu_limit
                self._used = (now, used)
        if self.memory_limit is not None:
            held = _memory_bytes(self._memory)
            if held is not None:
                readings["cgroup_memory"] = held / _GB
        return readings

    def _find(self) -> None:
        with contextlib.suppress(OSError):
            for line in (self._proc / str(self._pid) / "cgroup").read_text().splitlines():
                _, controllers, place = [*line.split(":", 2), "", ""][:3]
                if not controllers:
                    for mount in (self._root, self._root / "unified"):
                        if (mount / "cgroup.controllers").exists():
                            self._cpu = self._cpu or tuple(_way_up(mount, place))
                            self._memory = self._memory or tuple(_way_up(mount, place))
                            break
                    continue
                names = controllers.split(",")
                if "cpu" in names or "cpuacct" in names:
                    self._cpu += tuple(_way_up(self._mount(controllers, names), place))
                if "memory" in names:
                    self._memory = tuple(_way_up(self._mount(controllers, names), place))

    def _mount(self, controllers: str, names: list[str]) -> Path:
        mounts = [self._root / controllers, *(self._root / name for name in names)]
        return next((mount for mount in mounts if mount.exists()), mounts[0])


def _way_up(mount: Path, place: str) -> Iterator[Path]:
    """Yield the folders of a group and of those around it; only the mount's own where the group is not visible."""
    folder = mount / place.strip("/")
    while folder != mount and mount in folder.parents:
        if folder.exists():
            yield folder
        folder = folder.parent
    if mount.exists():
        yield mount


def _cores_of(folder: Path) -> float | None:
    said = _text(folder / "cpu.max")
    if said is not None:
        quota, _, period = said.partition(" ")
        return None if quota == _NO_LIMIT else int(quota) / int(period or "100000")
    quota, period = _text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")
    if quota is None or period is None or int(quota) <= 0:
        return None
    return int(quota) / int(period)


def _bytes_of(folder: Path) -> int | None:
    said = _text(folder / "memory.max") or _text(folder / "memory.limit_in_bytes")
    if said is None or said == _NO_LIMIT or int(said) >= _V1_NO_LIMIT:
        return None
    return int(said)


def _cpu_seconds(folders: tuple[Path, ...]) -> float | None:
    for folder in folders:
        used = _table(folder / "cpu.stat").get("usage_usec")
        if used is not None:
            return used * _US
        nanoseconds = _text(folder / "cpuacct.usage")
        if nanoseconds is not None:
            return int(nanoseconds) * _NS
    return None


def _memory_bytes(folders: tuple[Path, ...]) -> int | None:
    """Return the memory that cannot simply be taken back: without files that were read and not used since."""
    for folder in folders:
        said = _text(folder / "memory.current") or _text(folder / "memory.usage_in_bytes")
        if said is not None:
            table = _table(folder / "memory.stat")
            idle = table.get("total_inactive_file", table.get("inactive_file", 0))
            return max(0, int(said) - idle)
    return None


def _table(file: Path) -> dict[str, int]:
    pairs = (line.split() for line in (_text(file) or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}  # noqa: PLR2004 a pair


def _text(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except OSError:
        return None
