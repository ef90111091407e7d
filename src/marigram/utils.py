"""What scripts import from `neptune.utils`, by the same path, so that only the package's name changes in them.

The module exists for that import path alone and holds nothing of its own: no code of Marigram may be put here.
"""

from marigram.client.progress import LineProgressBar as TqdmProgressBar
from marigram.client.progress import NullProgressBar, ProgressBarCallback
from marigram.client.typed import stringify_unsupported

__all__ = ["NullProgressBar", "ProgressBarCallback", "TqdmProgressBar", "stringify_unsupported"]
