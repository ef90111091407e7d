"""Why the door refuses something: each names what to do next."""

from __future__ import annotations


class Busy(Exception):  # noqa: N818 - it is how things stand, not an error of anybody
    """More batches wait than the server takes. Send the batch again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"The server is busy. Send the batch again after {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class EnvelopeError(ValueError):
    """The batch as a whole is not what a writer may send; the message says why."""


class RunKeptError(RuntimeError):
    """The run can't be deleted, or no longer be kept, as things stand; the message says why."""


class UnknownRunError(LookupError):
    """There is no run with this id; the message says so."""


class RunEndedError(ValueError):
    """The run has ended, so it can't be stopped; the message says so."""


class UnknownProjectError(LookupError):
    """There is no project with this name; the message says so."""


class ViewRefusedError(ValueError):
    """A view can't be saved as it is; the message says why."""


class ViewChangedError(ValueError):
    """A view is no longer the one that was changed; the message says what became of it."""
