from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from marigram.client.rank import Rank, find_rank, monitoring_of
from unit.client.fake_server import FakeServer
from waiting import wait_until

SCRIPT = """
import marigram, sys
run = marigram.init_run(project="team/test", custom_run_id="job", git_ref=False, capture_hardware_metrics=False)
run[f"loss/{sys.argv[1]}"].append(float(sys.argv[1]))
print("a line")
if sys.argv[2:]:
    raise ValueError(sys.argv[2])
"""


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({"RANK": "3", "WORLD_SIZE": "8"}, Rank(number=3, size=8)),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, Rank(number=0, size=2)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, Rank(number=1, size=2)),
        ({"RANK": "1", "WORLD_SIZE": "4", "SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, Rank(number=1, size=4)),
        ({"RANK": "0", "WORLD_SIZE": "1"}, None),
        ({"RANK": "5"}, None),
        ({"RANK": "one", "WORLD_SIZE": "two"}, None),
        ({}, None),
    ],
)
def test_the_launcher_says_which_process_this_is(environment: dict[str, str], rank: Rank | None) -> None:
    assert find_rank(environment) == rank


def test_each_rank_has_a_place_of_its_own_unless_the_call_names_one() -> None:
    rank = Rank(number=2, size=4)
    assert monitoring_of(None, None, rank).startswith("monitoring/rank2-")
    assert monitoring_of(None, "monitoring/gpu", rank) == "monitoring/gpu/rank2"
    assert monitoring_of("here", "monitoring/gpu", rank) == "here"
    assert monitoring_of(None, "monitoring/gpu", None) == "monitoring/gpu"


def train(tmp_path: Path, rank: int, *failure: str, size: int = 3) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "job.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "RANK": str(rank), "WORLD_SIZE": str(size)}
    command = [sys.executable, str(script), str(rank), *failure]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_ranks_write_one_run_and_only_the_first_says_how_it_goes(fake: FakeServer, tmp_path: Path) -> None:
    for rank in (1, 0, 2):
        assert train(tmp_path, rank).returncode == 0
    wait_until(lambda: fake.has_status("finished"), "an end")
    wait_until(lambda: len(fake.series("loss/2")) == 1, "the point of the last")
    assert len({run_id for run_id, _ in fake.operations}) == 1
    assert [fake.series(f"loss/{rank}") for rank in range(3)] == [[(0.0, float(rank))] for rank in range(3)]
    assert [said.status.value for said in fake.statuses()] == ["running", "finished"]
    ranks = {path: value for path, value in fake.values().items() if path.endswith("/rank")}
    assert sorted(ranks.values()) == [0, 1, 2]
    assert all(path.startswith(f"monitoring/rank{rank}-") for path, rank in ranks.items())
    for path in ranks:
        assert fake.series(f"{path.removesuffix('/rank')}/stdout")[0] == (1.0, "a line")


def test_a_rank_that_fails_fails_the_run(fake: FakeServer, tmp_path: Path) -> None:
    assert train(tmp_path, 2, "bad gradient").returncode == 1
    wait_until(lambda: fake.has_status("failed"), "a failure")
    assert fake.statuses()[-1].failure == "ValueError: bad gradient"
