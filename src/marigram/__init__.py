"""Marigram: record a training run as it happens.

Examples:
    >>> import marigram
    >>> run = marigram.init_run(project="vision/cats")
    >>> run["parameters"] = {"lr": 0.1}
    >>> run["train/loss"].append(0.3)
    >>> run.stop()
"""

from typing import TYPE_CHECKING, Any

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
from marigram.client.run import Run
from marigram.client.start import init_run
from marigram.version import VERSION

if TYPE_CHECKING:
    from marigram.client.project import Project, init_project
    from marigram.client.registry import Model, ModelVersion, init_model, init_model_version

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

_ON_DEMAND = {
    "Model": "marigram.client.registry",
    "ModelVersion": "marigram.client.registry",
    "Project": "marigram.client.project",
    "init_model": "marigram.client.registry",
    "init_model_version": "marigram.client.registry",
    "init_project": "marigram.client.project",
}
"""Names that few training scripts use, and where they are: each is loaded when it is first asked for."""

_MODULES = frozenset({"exceptions", "management", "types", "utils"})
"""Modules that scripts name without importing them, such as `marigram.types.File`."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Load one of the names that are loaded on demand."""
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"marigram.{name}")
    module = _ON_DEMAND.get(name)
    if module is None:
        message = f"module 'marigram' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(module), name)
