"""Sound as WAV bytes, from arrays and tensors. Needs NumPy; imported when the first sound is logged."""

from __future__ import annotations

import io
import wave
from typing import Any

from marigram.client.errors import MarigramError, UnsupportedTypeError

try:
    import numpy as np
except ImportError as error:
    message = f"Logging sound needs NumPy ({error}). Run: pip install numpy"
    raise MarigramError(message) from error

_LOUDEST = 32_767
_DIMENSIONS = frozenset({1, 2})
_MAX_CHANNELS = 32
"""More columns than this are samples: the array has its channels first."""


def wav_of(samples: Any, rate: int) -> bytes:  # noqa: ANN401 arrays and tensors share no type
    """Return 16-bit PCM of `samples`, shaped (samples,) or (samples, channels), at `rate` samples per second.

    Raises:
        UnsupportedTypeError: another shape, or no numbers.
    """
    for name in ("detach", "cpu", "numpy"):  # a PyTorch tensor needs all three, a TensorFlow one the last
        method = getattr(samples, name, None)
        if callable(method):
            samples = method()
    array = np.asarray(samples)
    channels = array.shape[1] if array.ndim > 1 else 1
    if array.dtype.kind not in "iuf" or array.ndim not in _DIMENSIONS or channels > _MAX_CHANNELS:
        message = (
            f"An array of shape {array.shape} and type {array.dtype} is no sound. Shape it (samples,) or "
            "(samples, channels), with floats from -1 to 1 or 16-bit integers."
        )
        raise UnsupportedTypeError(message)
    if array.dtype.kind == "f":
        array = np.rint(np.nan_to_num(np.clip(array.astype(np.float64), -1.0, 1.0)) * _LOUDEST)
    pcm = np.clip(array, -_LOUDEST - 1, _LOUDEST).astype("<i2")
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(int(rate))
        sound.writeframes(pcm.tobytes())
    return stream.getvalue()
