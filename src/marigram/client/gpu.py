"""NVIDIA GPUs by NVML: those that the training process may use, whole or as MIG slices.

Which ones is what CUDA_VISIBLE_DEVICES says: numbers, UUIDs or their beginnings. Numbers are those of `nvidia-smi`;
CUDA counts the same way where CUDA_DEVICE_ORDER is PCI_BUS_ID, or all GPUs are of one kind. A sensor that a GPU does
not have is left out; a slice has a memory of its own, and power, temperature and clocks are those of its GPU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

_GB = 1e9
_MILLIWATT_PER_WATT = 1000.0


class _Gpu(msgspec.Struct, frozen=True):
    """One GPU or slice: what its readings end in, the handle of itself and of the whole GPU."""

    suffix: str
    handle: Any
    whole: Any

    @property
    def is_slice(self) -> bool:
        return self.handle is not self.whole


class Gpus:
    """The GPUs of one process."""

    def __init__(self, *, nvml: Any, visible: str | None) -> None:  # noqa: ANN401 a module, or what a test has for it
        """Take NVML, and what CUDA_VISIBLE_DEVICES says; None: nothing, so all are visible."""
        self._nvml = nvml
        self._visible = visible
        self._gpus: tuple[_Gpu, ...] = ()
        self._is_open = False
        # A function that an older driver or an older nvidia-ml-py lacks is a sensor that is not there.
        self._absent = (nvml.NVMLError, AttributeError)

    def start(self) -> None:
        """Open the GPUs that there are."""
        with contextlib.suppress(*self._absent):
            self._nvml.nvmlInit()
            self._is_open = True
            self._gpus = tuple(self._chosen())

    def stop(self) -> None:
        """Close them."""
        self._gpus = ()
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(*self._absent):
                self._nvml.nvmlShutdown()

    def facts(self) -> dict[str, str | float]:
        """Return the name of each GPU, and its memory in GB."""
        found: dict[str, str | float] = {}
        for gpu in self._gpus:
            with contextlib.suppress(*self._absent):
                found[f"gpu_{gpu.suffix}_name"] = _text(self._nvml.nvmlDeviceGetName(gpu.handle))
            with contextlib.suppress(*self._absent):
                found[f"gpu_{gpu.suffix}_memory_total"] = (
                    float(self._nvml.nvmlDeviceGetMemoryInfo(gpu.handle).total) / _GB
                )
        return found

    def read(self, pids: Iterable[int]) -> dict[str, float]:
        """Return the readings of each GPU; `pids` are the processes whose share of its memory is told apart."""
        members = frozenset(pids)
        readings: dict[str, float] = {}
        for gpu in self._gpus:
            for name, ask in self._sensors(gpu, members):
                with contextlib.suppress(*self._absent):
                    value = ask()
                    if value is not None:
                        readings[f"{name}_{gpu.suffix}"] = float(value)
        return readings

    def _sensors(self, gpu: _Gpu, members: frozenset[int]) -> Iterator[tuple[str, Any]]:
        nvml = self._nvml
        if not gpu.is_slice:
            yield "gpu", lambda: nvml.nvmlDeviceGetUtilizationRates(gpu.handle).gpu
        yield "gpu_memory", lambda: nvml.nvmlDeviceGetMemoryInfo(gpu.handle).used / _GB
        yield "gpu_process_memory", lambda: self._memory_of(gpu, members)
        yield "gpu_power", lambda: nvml.nvmlDeviceGetPowerUsage(gpu.whole) / _MILLIWATT_PER_WATT
        yield "gpu_temperature", lambda: nvml.nvmlDeviceGetTemperature(gpu.whole, nvml.NVML_TEMPERATURE_GPU)
        yield "gpu_clock", lambda: nvml.nvmlDeviceGetClockInfo(gpu.whole, nvml.NVML_CLOCK_SM)
        yield "gpu_memory_clock", lambda: nvml.nvmlDeviceGetClockInfo(gpu.whole, nvml.NVML_CLOCK_MEM)

    def _memory_of(self, gpu: _Gpu, members: frozenset[int]) -> float | None:
        """Return the GB that the run's processes hold; None in a container that numbers processes its own way."""
        users = self._nvml.nvmlDeviceGetComputeRunningProcesses(gpu.handle)
        ours = [user.usedGpuMemory for user in users if user.pid in members and user.usedGpuMemory is not None]
        return sum(ours) / _GB if ours else None

    def _chosen(self) -> Iterator[_Gpu]:
        everything = [list(self._slices(index)) for index in range(self._nvml.nvmlDeviceGetCount())]
        if self._visible is None:
            for slices in everything:
                yield from slices
            return
        seen: set[str] = set()
        for entry in (part.strip() for part in self._visible.split(",")):
            found = list(self._named(entry, everything))
            if not found:
                return  # CUDA, too, ignores what follows a name that it does not know
            for gpu in found:
                if gpu.suffix not in seen:
                    seen.add(gpu.suffix)
                    yield gpu

    def _named(self, entry: str, everything: list[list[_Gpu]]) -> Iterator[_Gpu]:
        if entry.isdecimal():
            yield from everything[int(entry)] if int(entry) < len(everything) else ()
        elif entry.startswith(("GPU-", "MIG-")):
            for slices in everything:
                for gpu in slices:
                    own = self._uuid(gpu.handle)
                    if own.startswith(entry) or (gpu.is_slice and self._uuid(gpu.whole).startswith(entry)):
                        yield gpu

    def _slices(self, index: int) -> Iterator[_Gpu]:
        """Yield the slices of a GPU, or the GPU itself if it is not divided."""
        whole = self._nvml.nvmlDeviceGetHandleByIndex(index)
        found = False
        with contextlib.suppress(*self._absent):
            current, _ = self._nvml.nvmlDeviceGetMigMode(whole)
            if current == self._nvml.NVML_DEVICE_MIG_ENABLE:
                for number in range(self._nvml.nvmlDeviceGetMaxMigDeviceCount(whole)):
                    with contextlib.suppress(*self._absent):
                        part = self._nvml.nvmlDeviceGetMigDeviceHandleByIndex(whole, number)
                        found = True
                        yield _Gpu(f"{index}_mig_{self._nvml.nvmlDeviceGetGpuInstanceId(part)}", part, whole)
        if not found:
            yield _Gpu(str(index), whole, whole)

    def _uuid(self, handle: object) -> str:
        with contextlib.suppress(*self._absent):
            return _text(self._nvml.nvmlDeviceGetUUID(handle))
        return ""


def _text(said: str | bytes) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
