# ruff: noqa: N802 the names are those of NVML

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from marigram.client.cgroup import Cgroup
from marigram.client.hardware import Sampler

GB = 10**9


class FakeNvmlError(Exception):
    pass


class FakeNvml:
    """A machine with GPUs, some of which may be divided into slices; the second does not tell its power."""

    NVMLError = FakeNvmlError
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1
    NVML_CLOCK_MEM = 2
    NVML_DEVICE_MIG_ENABLE = 1

    def __init__(self, *, has_driver: bool = True, count: int = 2, slices: dict[int, list[int]] | None = None) -> None:
        self.has_driver = has_driver
        self.count = count
        self.slices = slices or {}
        self.is_open = False
        self.users: list[Any] = []

    def nvmlInit(self) -> None:
        if not self.has_driver:
            raise FakeNvmlError
        self.is_open = True

    def nvmlShutdown(self) -> None:
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:
        return self.count

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        return f"GPU-{index}"

    def nvmlDeviceGetUUID(self, gpu: str) -> bytes:
        return f"{gpu}-aaaa-bbbb".encode()

    def nvmlDeviceGetName(self, gpu: str) -> str:
        return f"Fake {gpu}"

    def nvmlDeviceGetMigMode(self, gpu: str) -> tuple[int, int]:
        index = int(gpu[4:])
        if index == 1 and 1 not in self.slices:
            raise FakeNvmlError  # this GPU cannot be divided
        return int(index in self.slices), 0

    def nvmlDeviceGetMaxMigDeviceCount(self, gpu: str) -> int:
        del gpu
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, gpu: str, number: int) -> str:
        slices = self.slices[int(gpu[4:])]
        if number >= len(slices):
            raise FakeNvmlError
        return f"MIG-{gpu[4:]}{slices[number]}"

    def nvmlDeviceGetGpuInstanceId(self, part: str) -> int:
        return int(part[-1])

    def nvmlDeviceGetUtilizationRates(self, gpu: str) -> Any:
        return SimpleNamespace(gpu=50 + int(gpu[4:]))

    def nvmlDeviceGetMemoryInfo(self, gpu: str) -> Any:
        return SimpleNamespace(used=2 * GB * (int(gpu[4:]) + 1), total=80 * GB)

    def nvmlDeviceGetPowerUsage(self, gpu: str) -> int:
        if gpu == "GPU-1":
            raise FakeNvmlError
        return 250_500

    def nvmlDeviceGetTemperature(self, gpu: str, sensor: int) -> int:
        assert sensor == self.NVML_TEMPERATURE_GPU
        return 60 + int(gpu[4:])

    def nvmlDeviceGetClockInfo(self, gpu: str, kind: int) -> int:
        del gpu
        return {self.NVML_CLOCK_SM: 1500, self.NVML_CLOCK_MEM: 2600}[kind]

    def nvmlDeviceGetComputeRunningProcesses(self, gpu: str) -> list[Any]:
        del gpu
        return self.users


def gpus_of(sampler: Sampler) -> dict[str, float]:
    sampler.start()
    readings = {name: value for name, value in sampler.sample().items() if name.startswith("gpu")}
    sampler.stop()
    return readings


def names_of(visible: str | None, nvml: FakeNvml) -> list[str]:
    """Which GPUs are sampled, by what the names of their memory end in."""
    readings = gpus_of(Sampler(pid=os.getpid(), nvml=nvml, visible_devices=visible))
    return [name[len("gpu_memory_") :] for name in readings if name.startswith("gpu_memory_") and "clock" not in name]


def test_each_gpu_has_its_readings_and_a_sensor_that_fails_is_left_out() -> None:
    nvml = FakeNvml()
    nvml.users = [
        SimpleNamespace(pid=os.getpid(), usedGpuMemory=3 * GB),
        SimpleNamespace(pid=1, usedGpuMemory=9 * GB),
        SimpleNamespace(pid=os.getpid(), usedGpuMemory=None),
    ]
    assert gpus_of(Sampler(pid=os.getpid(), nvml=nvml)) == {
        "gpu_0": 50.0,
        "gpu_memory_0": 2.0,
        "gpu_process_memory_0": 3.0,
        "gpu_power_0": 250.5,
        "gpu_temperature_0": 60.0,
        "gpu_clock_0": 1500.0,
        "gpu_memory_clock_0": 2600.0,
        "gpu_1": 51.0,
        "gpu_memory_1": 4.0,
        "gpu_process_memory_1": 3.0,
        "gpu_temperature_1": 61.0,
        "gpu_clock_1": 1500.0,
        "gpu_memory_clock_1": 2600.0,
    }
    assert not nvml.is_open


def test_processes_that_are_not_the_runs_are_not_told() -> None:
    nvml = FakeNvml(count=1)
    nvml.users = [SimpleNamespace(pid=1, usedGpuMemory=9 * GB)]
    assert "gpu_process_memory_0" not in gpus_of(Sampler(pid=os.getpid(), nvml=nvml))


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        (None, ["0", "1", "2"]),
        ("1", ["1"]),
        ("2, 0", ["2", "0"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("0,7,1", ["0"]),
        ("GPU-1-aaaa-bbbb", ["1"]),
        ("GPU-2-aa", ["2"]),
        ("GPU-9", []),
        ("1,1", ["1"]),
    ],
)
def test_only_gpus_that_the_process_may_use_are_sampled(visible: str | None, names: list[str]) -> None:
    assert names_of(visible, FakeNvml(count=3)) == names


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        (None, ["0", "1_mig_3", "1_mig_5"]),
        ("1", ["1_mig_3", "1_mig_5"]),
        ("MIG-15", ["1_mig_5"]),
        ("GPU-1-aaaa", ["1_mig_3", "1_mig_5"]),
        ("MIG-19", []),
    ],
)
def test_a_divided_gpu_is_sampled_by_its_slices(visible: str | None, names: list[str]) -> None:
    assert names_of(visible, FakeNvml(slices={1: [3, 5]})) == names


def test_a_slice_has_its_own_memory_and_no_utilisation() -> None:
    readings = gpus_of(Sampler(pid=os.getpid(), nvml=FakeNvml(slices={0: [2]}), visible_devices="0"))
    assert readings == {
        "gpu_memory_0_mig_2": 2.0 * 3,
        "gpu_power_0_mig_2": 250.5,
        "gpu_temperature_0_mig_2": 60.0,
        "gpu_clock_0_mig_2": 1500.0,
        "gpu_memory_clock_0_mig_2": 2600.0,
    }


def test_what_does_not_change_is_told_once() -> None:
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml())
    sampler.start()
    facts = sampler.facts()
    assert (facts["gpu_0_name"], facts["gpu_0_memory_total"]) == ("Fake GPU-0", 80.0)
    assert facts["cpu_count"] == psutil.cpu_count()
    assert facts["memory_total"] == psutil.virtual_memory().total / GB


def test_a_machine_without_a_gpu_tells_the_rest() -> None:
    now = [0.0]
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml(has_driver=False), clock=lambda: now[0])
    sampler.start()
    sampler.sample()
    now[0] += 2.0
    readings = sampler.sample()
    assert {"cpu", "memory", "process/cpu", "process/memory", "disk_used"} <= set(readings)
    assert {"network_received", "network_sent"} <= set(readings)
    assert not [name for name in readings if name.startswith("gpu")]
    assert readings["process/memory"] > 0.005
    assert 0 <= readings["cpu"] <= 100
    assert all(value >= 0 for value in readings.values())
    sampler.stop()


def test_a_process_that_is_gone_leaves_the_machine() -> None:
    sampler = Sampler(pid=2**22 + 1, nvml=FakeNvml(has_driver=False))
    sampler.start()
    readings = sampler.sample()
    assert {"cpu", "memory"} <= set(readings)
    assert not [name for name in readings if name.startswith("process")]


def test_a_source_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        message = "a driver's own way to fail"
        raise RuntimeError(message)

    for name in ("disk_io_counters", "net_io_counters", "virtual_memory"):
        monkeypatch.setattr(psutil, name, fails)
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml())
    sampler.start()
    readings = sampler.sample()
    assert "memory" not in readings
    assert {"cpu", "process/memory", "gpu_0"} <= set(readings)


def test_a_child_process_counts() -> None:
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml(has_driver=False))
    sampler.start()
    alone = sampler.sample()["process/memory"]
    hold = "data = bytearray(200_000_000); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert sampler.sample()["process/memory"] > alone + 0.15
        child.communicate(b"\n")


def test_a_sample_costs_less_than_a_percent_of_the_time_between_two() -> None:
    sampler = Sampler(pid=os.getpid(), nvml=FakeNvml())
    sampler.start()
    costs: list[float] = []
    for _ in range(7):
        began = time.process_time()
        sampler.sample()
        costs.append(time.process_time() - began)
    # The quickest of several: a busy machine makes it slower, nothing makes it quicker. One each 10 s is taken.
    assert min(costs) < 0.1


def written(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_limits_of_version_2_are_the_smallest_on_the_way_up(tmp_path: Path) -> None:
    proc, root, now = tmp_path / "proc", tmp_path / "cgroup", [0.0]
    written(proc / "7", cgroup="0::/job/step\n")
    written(root, cgroup__controllers="cpu memory")
    written(root / "job", cpu__max="200000 100000", memory__max=str(8 * GB))
    written(root / "job/step", cpu__max="max 100000", memory__max="max", memory__current=str(5 * GB))
    written(root / "job/step", cpu__stat="usage_usec 1000000\n", memory__stat=f"anon 1\ninactive_file {GB}\n")
    cgroup = Cgroup(pid=7, clock=lambda: now[0], proc=proc, root=root)
    cgroup.start()
    assert (cgroup.cpu_limit, cgroup.memory_limit) == (2.0, 8.0)
    now[0] = 10.0
    written(root / "job/step", cpu__stat="usage_usec 6000000\n")
    assert cgroup.read() == {"cgroup_cpu": pytest.approx(25.0), "cgroup_memory": 4.0}


def test_limits_of_version_1_are_found_in_a_container_that_does_not_see_its_path(tmp_path: Path) -> None:
    proc, root, now = tmp_path / "proc", tmp_path / "cgroup", [0.0]
    written(proc / "7", cgroup="9:name=systemd:/x\n4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n")
    written(root / "cpu,cpuacct", cpu__cfs_quota_us="150000", cpu__cfs_period_us="100000", cpuacct__usage="0")
    written(root / "memory", memory__limit_in_bytes=str(4 * GB), memory__usage_in_bytes=str(2 * GB))
    written(root / "memory", memory__stat=f"total_inactive_file {GB // 2}\n")
    cgroup = Cgroup(pid=7, clock=lambda: now[0], proc=proc, root=root)
    cgroup.start()
    assert (cgroup.cpu_limit, cgroup.memory_limit) == (1.5, 4.0)
    now[0] = 2.0
    written(root / "cpu,cpuacct", cpuacct__usage="3000000000")
    assert cgroup.read() == {"cgroup_cpu": pytest.approx(100.0), "cgroup_memory": 1.5}


def test_groups_without_limits_tell_nothing(tmp_path: Path) -> None:
    proc, root = tmp_path / "proc", tmp_path / "cgroup"
    written(proc / "7", cgroup="4:memory:/\n3:cpu:/\n")
    written(root / "cpu", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    written(root / "memory", memory__limit_in_bytes="9223372036854771712")
    for pid in (7, 8):
        cgroup = Cgroup(pid=pid, clock=lambda: 0.0, proc=proc, root=root)
        cgroup.start()
        assert (cgroup.cpu_limit, cgroup.memory_limit, cgroup.read()) == (None, None, {})
