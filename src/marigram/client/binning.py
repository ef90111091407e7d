"""Values → a histogram. The only place of histograms that needs NumPy; it is imported when values are counted."""

from __future__ import annotations

from typing import Any

from marigram.client.errors import MarigramError, UnsupportedTypeError

try:
    import numpy as np
except ImportError as error:
    message = f"Counting values needs NumPy ({error}). Run: pip install numpy; or pass edges and counts."
    raise MarigramError(message) from error


def binned(values: Any, bins: int) -> tuple[list[float], list[float]]:  # noqa: ANN401 arrays and tensors share no type
    """Return edges and counts of `bins` bins of equal width over the finite values.

    Raises:
        UnsupportedTypeError: there are no finite numbers among the values.
        ValueError: `bins` is not a positive number.
    """
    for name in ("detach", "cpu", "float", "numpy"):  # a PyTorch tensor needs all four, a TensorFlow one the last
        method = getattr(values, name, None)
        if callable(method):
            values = method()
    numbers: np.ndarray[Any, Any] = np.asarray(values)
    if numbers.dtype.kind not in "biuf":
        message = f"Values of type {numbers.dtype} cannot be counted. Pass an array, a tensor or a list of numbers."
        raise UnsupportedTypeError(message)
    numbers = numbers.astype(np.float64, copy=False).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        message = "There are no finite values to count. Pass at least one number."
        raise UnsupportedTypeError(message)
    counts, edges = np.histogram(numbers, bins=bins)
    return edges.tolist(), counts.astype(np.float64).tolist()
