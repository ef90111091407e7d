"""Pictures as PNG bytes, from what people plot and train with.

The only place that needs NumPy and Pillow; it is imported when the first picture is logged.
"""

from __future__ import annotations

import io
from typing import Any

from marigram.client.errors import MarigramError, UnsupportedTypeError

try:
    import numpy as np
    from PIL import Image
except ImportError as error:
    message = f"Logging pictures needs NumPy and Pillow ({error}). Run: pip install numpy pillow"
    raise MarigramError(message) from error

_WHITE = 255
_GRAY_DIMENSIONS = 2
_COLOR_DIMENSIONS = 3
_CHANNELS = (1, 3, 4)


def png_of(image: Any, *, autoscale: bool = True) -> bytes:  # noqa: ANN401 figures and tensors share no type
    """Return the PNG of an array, a tensor, a PIL image or a Matplotlib figure.

    Raises:
        UnsupportedTypeError: it is nothing of these, or an array of another shape.
    """
    stream = io.BytesIO()
    if isinstance(image, Image.Image):
        image.save(stream, format="PNG")
    elif callable(getattr(image, "savefig", None)):
        image.savefig(stream, format="png", bbox_inches="tight")
    else:
        Image.fromarray(_pixels(_array(image), autoscale=autoscale)).save(stream, format="PNG")
    return stream.getvalue()


def _array(image: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401 see above
    torch = callable(getattr(image, "detach", None))
    for name in ("detach", "cpu", "numpy"):  # a PyTorch tensor needs all three, a TensorFlow one the last
        method = getattr(image, name, None)
        if callable(method):
            image = method()
    array = np.asarray(image)
    if array.dtype.kind not in "biuf":
        message = (
            f"A {type(image).__name__} is not a picture. Hand in an array of numbers, a PIL image or a Matplotlib "
            "figure, or save it and log File('name.png')."
        )
        raise UnsupportedTypeError(message)
    if torch and array.ndim == _COLOR_DIMENSIONS and array.shape[0] in _CHANNELS and array.shape[2] not in _CHANNELS:
        return np.transpose(array, (1, 2, 0))  # PyTorch's own pictures have their channels first
    return array


def _pixels(array: np.ndarray[Any, Any], *, autoscale: bool) -> np.ndarray[Any, Any]:
    color = array.ndim == _COLOR_DIMENSIONS and array.shape[2] in _CHANNELS
    if not (array.ndim == _GRAY_DIMENSIONS or color):
        message = (
            f"An array of shape {array.shape} is not a picture. Shape it (height, width) or (height, width, 1|3|4); "
            "for channels first, use array.transpose(1, 2, 0)."
        )
        raise UnsupportedTypeError(message)
    if color and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype.kind == "b":
        return array.astype(np.uint8) * _WHITE
    if array.dtype.kind == "f":
        array = np.nan_to_num(array.astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0)
        lowest, highest = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
        if not (autoscale and lowest >= 0 and highest > 1.0):
            array = array * _WHITE
        array = np.rint(array)
    return np.clip(array, 0, _WHITE).astype(np.uint8)
