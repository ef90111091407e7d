"""The syncer's second thread writes what it samples, and what a process has found of its own cost, to the run."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from marigram.client.cost import Cost
from marigram.client.pulse import Pulse
from marigram.client.track import Track
from waiting import wait_until


class Heard:
    """A queue and a server that remember what they were told."""

    def __init__(self) -> None:
        self.floats: dict[str, float] = {}

    def append(self, operation: object) -> int:
        del operation
        return 1

    def append_float(self, track: Track, value: float, step: float | None, milliseconds: int) -> None:
        del step, milliseconds
        self.floats[track.path] = value

    def heartbeat(self, run_id: str) -> None:
        del run_id


def test_the_cost_of_logging_is_written_beside_the_hardware(tmp_path: Path) -> None:
    cost = Cost(call_p50_us=1.5, call_p99_us=4.0, queue_operations=3, queue_bytes=120, lag_s=0.2)
    (tmp_path / "cost").write_bytes(msgspec.json.encode(cost))
    heard = Heard()
    pulse = Pulse(
        run_id="ab" * 16,
        created_at=0,
        transport=heard,  # pyright: ignore[reportArgumentType]
        queue=heard,  # pyright: ignore[reportArgumentType]
        clock=lambda: 10.0,
        steady=lambda: 0.0,
    )
    pulse.watch(namespace="monitoring/m", pid=os.getpid(), directory=tmp_path)
    pulse.start()
    wait_until(lambda: "monitoring/m/logging/lag_s" in heard.floats, "a first sample")
    pulse.stop()
    assert {path: value for path, value in heard.floats.items() if "/logging/" in path} == {
        "monitoring/m/logging/call_p50_us": 1.5,
        "monitoring/m/logging/call_p99_us": 4.0,
        "monitoring/m/logging/queue_operations": 3.0,
        "monitoring/m/logging/queue_bytes": 120.0,
        "monitoring/m/logging/lag_s": 0.2,
    }
