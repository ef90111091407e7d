"""What of the process's environment belongs to a run: variables that steer a training, the Python that runs it.

Only variables of the list below are kept, unless the user names others; a value that may be a secret is masked either
way (see masking.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

VARIABLES = (
    "CUDA_*",
    "NVIDIA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "NCCL_*",
    "RANK",
    "LOCAL_RANK",
    "NODE_RANK",
    "GROUP_RANK",
    "WORLD_SIZE",
    "LOCAL_WORLD_SIZE",
    "MASTER_ADDR",
    "MASTER_PORT",
    "OMPI_COMM_WORLD_*",
    "SLURM_JOB_ID",
    "SLURM_JOB_NAME",
    "SLURM_JOB_NODELIST",
    "SLURM_JOB_PARTITION",
    "SLURM_ARRAY_*",
    "SLURM_NTASKS",
    "SLURM_NNODES",
    "SLURM_PROCID",
    "SLURM_LOCALID",
    "SLURM_NODEID",
    "SLURM_CPUS_PER_TASK",
    "SLURM_MEM_PER_*",
    "SLURM_GPUS*",
    "OMP_*",
    "MKL_*",
    "KMP_*",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_*",
    "TORCH_*",
    "PYTORCH_*",
    "TF_CONFIG",
    "TF_CPP_*",
    "TF_ENABLE_*",
    "TF_FORCE_*",
    "TF_GPU_*",
    "TF_NUM_*",
    "TF_XLA_*",
    "XLA_*",
    "JAX_*",
    "TOKENIZERS_PARALLELISM",
    "PYTHONHASHSEED",
    "PYTHONOPTIMIZE",
)
"""What changes how a training computes, or says where it ran."""

_MAX_CHARACTERS = 4096


def variables_of(environ: Mapping[str, str], patterns: Iterable[str]) -> dict[str, str]:
    """Return the variables whose names match one of the patterns (`*` and `?` stand for any characters), masked."""
    from marigram.client.masking import mask_variable  # patterns that take longer to compile than they are used

    wanted = tuple(patterns)
    return {
        name: mask_variable(name, value)[:_MAX_CHARACTERS]
        for name, value in sorted(environ.items())
        if "/" not in name and any(fnmatchcase(name, pattern) for pattern in wanted)
    }


def python_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return which Python runs, by what `sys/` calls it."""
    found = {
        "python_version": ".".join(str(part) for part in sys.version_info[:3]),
        "python_executable": sys.executable,
        "platform": sys.platform,
        "conda_environment": environ.get("CONDA_DEFAULT_ENV", ""),
        "virtual_environment": sys.prefix if sys.prefix != sys.base_prefix else "",
    }
    return {name: text for name, text in found.items() if text}


def is_interactive() -> bool:
    """Return whether a person types this program in: a notebook, IPython, or Python's own prompt."""
    if hasattr(sys, "ps1"):
        return True
    shell = sys.modules.get("IPython")
    return shell is not None and shell.get_ipython() is not None


def notebook_of(environ: Mapping[str, str]) -> Path | None:
    """Return the notebook that runs, where its front end says so: Jupyter Server 2 or newer, and VS Code."""
    main = sys.modules.get("__main__")
    for name in (getattr(main, "__vsc_ipynb_file__", None), environ.get("JPY_SESSION_NAME")):
        if isinstance(name, str) and name.endswith(".ipynb"):
            path = Path(name)
            if not path.is_absolute() and not path.exists():
                path = Path(path.name)  # relative to the server's folder; the kernel runs in the notebook's
            return Path(os.path.abspath(path))  # noqa: PTH100 resolve() would follow links
    return None
