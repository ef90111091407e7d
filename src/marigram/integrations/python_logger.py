"""Python's `logging` into a run: one string series per level.

    import logging
    from marigram.integrations.python_logger import MarigramHandler

    logging.getLogger().addHandler(MarigramHandler(run=run, level=logging.INFO))

A record goes to `<path>/<level>`, for example `logs/warning`, as one point with the time of the record. Like all
logging to a run, handling a record never raises and never waits for the network.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from typing_extensions import override

from marigram import Handler, Run


class MarigramHandler(logging.Handler):
    """Writes log records to a run.

    Examples:
        >>> logging.getLogger("training").addHandler(MarigramHandler(run=run, path="logs"))
    """

    def __init__(self, *, run: Run | Handler, level: int | str = logging.NOTSET, path: str | None = "logs") -> None:
        """Take where records go.

        Args:
            run: the run, or a place in it such as `run["worker"]`.
            level: records below it are left out.
            path: where the series stand; None: `python_logger` below the run's monitoring namespace, where each
                process has a place of its own.

        Raises:
            TypeError: `run` is neither a run nor a place in one.
        """
        super().__init__(level)
        if not isinstance(run, (Run, Handler)):  # pyright: ignore[reportUnnecessaryIsInstance] users need no type checker
            message = f"run must be a marigram Run, but it is a {type(run).__name__}. Pass run=marigram.init_run(...)."
            raise TypeError(message)
        if path is None:
            path = f"{run.monitoring_namespace}/python_logger" if isinstance(run, Run) else "python_logger"
        self._run: Any = run
        self._path = path
        self._emitting = threading.local()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        if getattr(self._emitting, "now", False):
            return  # a record that writing a record makes would make another, for ever
        self._emitting.now = True
        try:
            text = self.format(record)
            level = record.levelname.lower().replace("/", "_").strip() or str(record.levelno)
            self._run[f"{self._path}/{level}"].append(text, timestamp=record.created)
        except Exception:  # noqa: BLE001 as logging asks: a message that cannot be formatted is reported, not raised
            self.handleError(record)
        finally:
            self._emitting.now = False
