"""What the machine does while a run trains. Runs in the syncer, never in the training process.

A source that is missing or fails is left out, and the others are read all the same; sampling never stops a run. Below
the namespace of the process:

    cpu, cores/<n>                     %      of all cores; of each that the process may use, up to 64 of them
    memory                             GB     in use
    cgroup_cpu, cgroup_memory          %, GB  of the container's or job's limit, where there is one
    process/cpu, process/memory        %, GB  of the process and its children; 100 % is one core
    disk_used                          GB     on the disk of the working folder
    disk_read, disk_written            MB/s   all disks
    network_received, network_sent     MB/s   all interfaces but the loopback
    gpu_<n>                            %      each GPU that the process may use, `<n>_mig_<m>` for a slice of one
    gpu_memory_<n>                     GB
    gpu_process_memory_<n>             GB     of the process and its children
    gpu_power_<n>                      W
    gpu_temperature_<n>                °C
    gpu_clock_<n>, gpu_memory_clock_<n>   MHz

GB are 10^9, MB 10^6 bytes. docs/guides/capture.md has the same table.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pynvml

from marigram.client.cgroup import Cgroup
from marigram.client.gpu import Gpus
from marigram.client.machine import Machine, ProcessTree


class Sampler:
    """Reads the sensors around one process. Rates and processor use are since the reading before, or the start."""

    def __init__(
        self,
        *,
        pid: int,
        visible_devices: str | None = None,
        nvml: Any = pynvml,  # noqa: ANN401 a module, or what a test has for it
        clock: Callable[[], float] = time.monotonic,
        cgroup: Cgroup | None = None,
    ) -> None:
        """Take the training process whose tree is watched.

        Args:
            pid: the process.
            visible_devices: what its CUDA_VISIBLE_DEVICES says; None: nothing, so it may use all GPUs.
            nvml: NVIDIA's management library.
            clock: monotonic, in seconds.
            cgroup: the process's limits; None: look for them.
        """
        self._tree = ProcessTree(pid)
        self._machine = Machine(clock=clock, folder=self._tree.folder)
        self._cgroup = cgroup if cgroup is not None else Cgroup(pid=pid, clock=clock)
        self._gpus = Gpus(nvml=nvml, visible=visible_devices)

    def start(self) -> None:
        """Open the sensors that there are."""
        for start in (self._machine.start, self._tree.read, self._cgroup.start, self._gpus.start):
            _tried(start)

    def facts(self) -> dict[str, str | float]:
        """Return what does not change: sizes in GB, limits (`cpu_limit` in cores), names of GPUs."""
        found: dict[str, str | float] = {}
        for ask in (self._machine.facts, self._gpus.facts):
            found.update(_tried(ask) or {})
        limits = {"cpu_limit": self._cgroup.cpu_limit, "memory_limit": self._cgroup.memory_limit}
        found.update({name: limit for name, limit in limits.items() if limit is not None})
        return found

    def sample(self) -> dict[str, float]:
        """Return readings by name."""
        readings: dict[str, float] = {}
        sources: tuple[Callable[[], dict[str, float]], ...] = (
            self._tree.read,
            lambda: self._machine.processor(self._tree.cores()),
            self._machine.memory,
            self._cgroup.read,
            self._machine.disk,
            self._machine.network,
            lambda: self._gpus.read(self._tree.pids),
        )
        for source in sources:
            readings.update(_tried(source) or {})
        return readings

    def stop(self) -> None:
        """Close the sensors."""
        _tried(self._gpus.stop)


def _tried(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 whatever it returns
    try:
        return ask()
    except Exception:  # noqa: BLE001 drivers and kernels fail in their own ways; the other sources shall go on
        return None
