"""What the machine does while a run trains: processor, memory, and each NVIDIA GPU.

Runs in the syncer. A sensor that is missing or fails is left out; sampling never stops a run.

    <monitoring>/cpu             percent of all cores           <monitoring>/process/cpu     percent of one core
    <monitoring>/memory          GB in use                      <monitoring>/process/memory  GB, with children
    <monitoring>/gpu_0           percent, per GPU               <monitoring>/gpu_memory_0    GB      gpu_power_0  watt
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psutil
import pynvml

_GB = 1e9
_MILLIWATT_PER_WATT = 1000.0


class Sampler:
    """Reads the sensors. The first readings of processor use are since the sampler started."""

    def __init__(self, *, pid: int, nvml: Any = pynvml) -> None:  # noqa: ANN401 a module, or what a test has for it
        """Take the training process whose tree is watched, and NVIDIA's management library."""
        self._pid = pid
        self._nvml = nvml
        self._processes: dict[int, psutil.Process] = {}
        self._gpus: list[object] = []

    def start(self) -> None:
        """Open the sensors that there are."""
        psutil.cpu_percent()
        self._tree()
        with contextlib.suppress(self._nvml.NVMLError):
            self._nvml.nvmlInit()
            self._gpus = [
                self._nvml.nvmlDeviceGetHandleByIndex(index) for index in range(self._nvml.nvmlDeviceGetCount())
            ]

    def sample(self) -> dict[str, float]:
        """Return readings by name."""
        readings: dict[str, float] = {
            "cpu": psutil.cpu_percent(),
            "memory": (psutil.virtual_memory().total - psutil.virtual_memory().available) / _GB,
        }
        readings.update(self._tree())
        readings.update(self._gpu_readings())
        return readings

    def stop(self) -> None:
        """Close the sensors."""
        if self._gpus:
            self._gpus = []
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    def _tree(self) -> dict[str, float]:
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

    def _gpu_readings(self) -> Iterator[tuple[str, float]]:
        for index, gpu in enumerate(self._gpus):
            with contextlib.suppress(self._nvml.NVMLError):
                yield f"gpu_{index}", float(self._nvml.nvmlDeviceGetUtilizationRates(gpu).gpu)
            with contextlib.suppress(self._nvml.NVMLError):
                yield f"gpu_memory_{index}", float(self._nvml.nvmlDeviceGetMemoryInfo(gpu).used) / _GB
            with contextlib.suppress(self._nvml.NVMLError):
                yield f"gpu_power_{index}", self._nvml.nvmlDeviceGetPowerUsage(gpu) / _MILLIWATT_PER_WATT
