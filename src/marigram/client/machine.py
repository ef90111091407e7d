"""The machine and one process tree on it: processor, memory, disk, network.

Rates are those since the last reading, so the first reading has none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psutil

from marigram.system.process import cores_of

_GB = 1e9
_MB = 1e6
MAX_CORES = 64
"""Of larger machines the cores are not told apart: nobody looks at so many lines, and each costs."""

_LOOPBACK = ("lo", "Loopback")


class Machine:
    """What all processes of the machine use."""

    def __init__(self, *, clock: Callable[[], float], folder: Callable[[], str | None]) -> None:
        """Take a monotonic clock in seconds, and who says the folder whose disk is watched."""
        self._clock = clock
        self._folder = folder
        self._counters: dict[str, tuple[float, float]] = {}

    def start(self) -> None:
        """Begin to count."""
        psutil.cpu_percent(percpu=True)

    def facts(self) -> dict[str, str | float]:
        """Return the number of cores, and the memory in GB."""
        return {"cpu_count": float(psutil.cpu_count() or 1), "memory_total": psutil.virtual_memory().total / _GB}

    def processor(self, cores: frozenset[int] | None) -> dict[str, float]:
        """Return the use of all cores, and of each of `cores` (None: all) if they are not too many; percent."""
        each = psutil.cpu_percent(percpu=True)
        readings = {"cpu": sum(each) / len(each)}
        shown = [core for core in range(len(each)) if cores is None or core in cores]
        if 1 < len(shown) <= MAX_CORES:
            readings |= {f"cores/{core}": each[core] for core in shown}
        return readings

    def memory(self) -> dict[str, float]:
        """Return the memory that is in use, GB."""
        memory = psutil.virtual_memory()
        return {"memory": (memory.total - memory.available) / _GB}

    def disk(self) -> dict[str, float]:
        """Return the use of the disk that holds the working folder, GB, and the traffic of all disks, MB/s."""
        readings: dict[str, float] = {}
        with contextlib.suppress(OSError):
            readings["disk_used"] = psutil.disk_usage(self._folder() or ".").used / _GB
        counted = psutil.disk_io_counters()
        if counted is not None:
            readings |= self._rates({"disk_read": counted.read_bytes, "disk_written": counted.write_bytes})
        return readings

    def network(self) -> dict[str, float]:
        """Return the traffic of all interfaces but the loopback, MB/s."""
        counted = psutil.net_io_counters(pernic=True)
        outside = [traffic for name, traffic in counted.items() if not name.startswith(_LOOPBACK)]
        return self._rates(
            {
                "network_received": sum(traffic.bytes_recv for traffic in outside),
                "network_sent": sum(traffic.bytes_sent for traffic in outside),
            }
        )

    def _rates(self, counters: dict[str, int]) -> dict[str, float]:
        now = self._clock()
        readings: dict[str, float] = {}
        for name, count in counters.items():
            before = self._counters.get(name)
            self._counters[name] = (now, count)
            # A counter that went back belongs to an interface or disk that was taken away.
            if before is not None and now > before[0] and count >= before[1]:
                readings[name] = (count - before[1]) / _MB / (now - before[0])
        return readings


class ProcessTree:
    """The training process and all processes below it."""

    def __init__(self, pid: int) -> None:
        """Take the training process."""
        self._pid = pid
        self._processes: dict[int, psutil.Process] = {}

    @property
    def pids(self) -> frozenset[int]:
        """The processes of the last reading."""
        return frozenset(self._processes)

    def read(self) -> dict[str, float]:
        """Return processor use in percent of one core, and memory in GB; nothing if the process is gone."""
        try:
            main = self._processes.get(self._pid) or psutil.Process(self._pid)
            members = {process.pid: process for process in [main, *main.children(recursive=True)]}
        except psutil.Error:
            self._processes = {}
            return {}
        # psutil measures processor use between two calls on one object, so objects are kept.
        self._processes = {pid: self._processes.get(pid, process) for pid, process in members.items()}
        cpu = memory = 0.0
        for process in self._processes.values():
            with contextlib.suppress(psutil.Error):
                cpu += process.cpu_percent()
                memory += process.memory_info().rss / _GB
        return {"process/cpu": cpu, "process/memory": memory}

    def folder(self) -> str | None:
        """Return the working folder of the training process, if it can be known."""
        with contextlib.suppress(psutil.Error, OSError):
            return psutil.Process(self._pid).cwd()
        return None

    def cores(self) -> frozenset[int] | None:
        """Return the cores that the training process may use; None if that cannot be known."""
        with contextlib.suppress(psutil.Error, OSError, AttributeError):
            return cores_of(psutil.Process(self._pid))
        return None
