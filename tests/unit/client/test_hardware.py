# ruff: noqa: N802 the names are those of NVML

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

from marigram.client.hardware import Sampler


class FakeNvmlError(Exception):
    pass


class FakeNvml:
    """A machine with two GPUs, the second of which does not tell its power."""

    NVMLError = FakeNvmlError

    def __init__(self, *, has_driver: bool = True) -> None:
        self.has_driver = has_driver
        self.is_open = False

    def nvmlInit(self) -> None:
        if not self.has_driver:
            raise FakeNvmlError
        self.is_open = True

    def nvmlShutdown(self) -> None:
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUtilizationRates(self, gpu: int) -> Any:
        return SimpleNamespace(gpu=50 + gpu)

    def nvmlDeviceGetMemoryInfo(self, gpu: int) -> Any:
        return SimpleNamespace(used=2_000_000_000 * (gpu + 1))

    def nvmlDeviceGetPowerUsage(self, gpu: int) -> int:
        if gpu == 1:
            raise FakeNvmlError
        return 250_500


def test_each_gpu_has_its_readings_and_a_sensor_that_fails_is_left_out() -> None:
    nvml = FakeNvml()
    sampler = Sampler(pid=os.getpid(), nvml=nvml)
    sampler.start()
    readings = sampler.sample()
    assert {name: value for name, value in readings.items() if name.startswith("gpu")} == {
        "gpu_0": 50.0,
        "gpu_memory_0": 2.0,
        "gpu_power_0": 250.5,
        "gpu_1": 51.0,
        "gpu_memory_1": 4.0,
    }
    sampler.stop()
    assert not nvml.is_open


def test_a_machine_without_a_gpu_tells_the_rest() -> None:
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml(has_driver=False))
    sampler.start()
    assert set(sampler.sample()) == {"cpu", "memory", "process/cpu", "process/memory"}
    sampler.stop()


def test_a_process_that_is_gone_leaves_the_machine() -> None:
    sampler = Sampler(pid=2**22 + 1, nvml=FakeNvml(has_driver=False))
    sampler.start()
    assert set(sampler.sample()) == {"cpu", "memory"}
