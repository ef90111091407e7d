"""Which of several processes of one job this is, as their launcher says in the environment.

torchrun sets RANK and WORLD_SIZE, SLURM's srun SLURM_PROCID and SLURM_NTASKS, Open MPI's mpirun OMPI_COMM_WORLD_RANK
and OMPI_COMM_WORLD_SIZE; the first complete pair counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from marigram.client.arguments import check_monitoring
from marigram.model import Path

_VARIABLES = (
    ("RANK", "WORLD_SIZE"),
    ("SLURM_PROCID", "SLURM_NTASKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
)


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """One process of a job.

    Attributes:
        number: from 0.
        size: how many processes there are, at least 2.
    """

    number: int
    size: int

    @property
    def leads(self) -> bool:
        """Whether this process speaks for all: where the run comes from, and that it has finished."""
        return self.number == 0


def find_rank(environ: Mapping[str, str]) -> Rank | None:
    """Return this process's rank; None if it is alone, or no launcher says."""
    for number_name, size_name in _VARIABLES:
        number, size = environ.get(number_name, ""), environ.get(size_name, "")
        if number.isdecimal() and size.isdecimal() and int(size) > 1 and int(number) < int(size):
            return Rank(number=int(number), size=int(size))
    return None


def monitoring_of(argument: str | None, from_environment: str | None, rank: Rank | None) -> Path:
    """Return the path below which this process's console and hardware go.

    A job's processes share their environment, so each gets a place of its own below what the environment says.

    Raises:
        SettingError: it is no path.
    """
    if rank is None or argument is not None:
        return check_monitoring(argument or from_environment)
    if from_environment is not None:
        return check_monitoring(f"{from_environment}/rank{rank.number}")
    namespace, _, process = check_monitoring(None).rpartition("/")
    return check_monitoring(f"{namespace}/rank{rank.number}-{process}")
