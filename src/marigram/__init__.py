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
from marigram.client.run import Run
from marigram.client.start import init_run
from marigram.version import VERSION

__version__ = VERSION

__all__ = [
    "AccessError",
    "File",
    "Handler",
    "MarigramError",
    "NotFoundError",
    "Run",
    "ServerError",
    "SettingError",
    "UnreachableError",
    "UnsupportedTypeError",
    "__version__",
    "init_run",
]
