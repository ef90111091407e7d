"""Marigram: record a training run as it happens.

Examples:
    >>> import marigram
    >>> run = marigram.init_run(project="vision/cats")
    >>> run["parameters"] = {"lr": 0.1}
    >>> run["train/loss"].append(0.3)
    >>> run.stop()
"""

from marigram.client.errors import (
    AccessError,
    MarigramError,
    NotFoundError,
    ServerError,
    SettingError,
    UnreachableError,
    UnsupportedTypeError,
)
from marigram.client.file import File
from marigram.client.handler import Handler
from marigram.client.histogram import Histogram
from marigram.client.project import Project, init_project
from marigram.client.registry import Model, ModelVersion, init_model, init_model_version
from marigram.client.run import Run
from marigram.client.start import init_run
from marigram.version import VERSION

__version__ = VERSION

__all__ = [
    "AccessError",
    "File",
    "Handler",
    "Histogram",
    "MarigramError",
    "Model",
    "ModelVersion",
    "NotFoundError",
    "Project",
    "Run",
    "ServerError",
    "SettingError",
    "UnreachableError",
    "UnsupportedTypeError",
    "__version__",
    "init_model",
    "init_model_version",
    "init_project",
    "init_run",
]
