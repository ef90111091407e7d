"""`File`: what a user hands in to be stored as a file, before its bytes are in the queue.

A `File` of a path is read when it is logged, not when it is made. Making one never copies content, except where it is
made from objects (images, HTML, pickles).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO, TextIO, Union

from marigram.client.errors import UnsupportedTypeError

_DEFAULT_MEDIA_TYPE = "application/octet-stream"
_KNOWN_MEDIA_TYPES = {
    ".diff": "text/x-diff",
    ".patch": "text/x-diff",
    ".md": "text/markdown",
    ".pkl": "application/octet-stream",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "text/yaml",
    ".yml": "text/yaml",
    ".log": "text/plain",
    ".py": "text/x-python",
    ".webp": "image/webp",
    ".wav": "audio/wav",
}
"""What machines differ in, or do not know."""


class File:
    """A file on its way into a run: a path, or content with an extension."""

    __slots__ = ("content", "extension", "path")

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, content: bytes | None = None, extension: str | None = None
    ) -> None:
        """Take a path, or content.

        Args:
            path: a file to be read when it is logged.
            content: the bytes themselves.
            extension: like "png" or ".png"; default: the path's own, or "bin".

        Raises:
            TypeError: neither or both of path and content are given.
        """
        if (path is None) == (content is None):
            message = "A File is made of either a path or content: File('model.pt'), or File.from_content(data)."
            raise TypeError(message)
        self.path = Path(path) if path is not None else None
        self.content = content
        suffix = extension if extension is not None else (self.path.suffix if self.path is not None else "bin")
        self.extension = suffix.lstrip(".")

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], extension: str | None = None) -> File:
        """Return a file that is read from `path` when it is logged."""
        return cls(path, extension=extension)

    @classmethod
    def from_content(cls, content: str | bytes, extension: str | None = None) -> File:
        """Return a file of this content; text is stored as UTF-8 and is a `txt` file unless an extension is given."""
        if isinstance(content, str):
            return cls(content=content.encode(), extension=extension or "txt")
        return cls(content=bytes(content), extension=extension)

    @classmethod
    def from_stream(cls, stream: BinaryIO | TextIO, seek: int | None = 0, extension: str | None = None) -> File:
        """Return a file of what `stream` holds from position `seek` on (None: from where it stands)."""
        if seek is not None and stream.seekable():
            stream.seek(seek)
        return cls.from_content(stream.read(), extension)

    @classmethod
    def as_image(cls, image: object, autoscale: bool = True) -> File:  # noqa: FBT001, FBT002 callers know it by position
        """Return a PNG of a NumPy array, a PyTorch or TensorFlow tensor, a PIL image or a Matplotlib figure.

        Args:
            image: arrays are (height, width) or (height, width, channels) with 1, 3 or 4 channels. Integers are taken
                as 0 to 255, floats as 0 to 1.
            autoscale: take floats outside 0 to 1, if all are within 0 to 255, as 0 to 255.

        Raises:
            UnsupportedTypeError: it is nothing of these.
            MarigramError: a package is missing; the message names it.
        """
        from marigram.client.images import png_of  # needs NumPy and Pillow, which not everybody has

        return cls(content=png_of(image, autoscale=autoscale), extension="png")

    @classmethod
    def as_html(cls, chart: object, **kwargs: Any) -> File:  # noqa: ANN401 whatever the package takes
        """Return a page of a Plotly, Altair, Bokeh or Matplotlib figure, a DataFrame, or what has `to_html()`.

        A page holds all that it needs, where the package can write such a one; it is then shown without a network.

        Args:
            chart: the figure or table, or a str of HTML.
            kwargs: handed on to the package's own `to_html`.

        Raises:
            UnsupportedTypeError: it is nothing of these.
        """
        from marigram.client.charts import html_of

        return cls(content=html_of(chart, kwargs).encode(), extension="html")

    @classmethod
    def as_table(cls, table: object) -> File:
        """Return a table of pandas, polars or PyArrow as Parquet; a pandas one as CSV where PyArrow is missing.

        Raises:
            UnsupportedTypeError: it is no table.
        """
        from marigram.client.tables import stored_table

        content, extension = stored_table(table)
        return cls(content=content, extension=extension)

    @classmethod
    def as_audio(cls, samples: object, rate: int) -> File:
        """Return a WAV file of samples, 16 bit.

        Args:
            samples: an array (samples,) or (samples, channels), or a tensor; floats from -1 to 1, or 16-bit integers.
            rate: samples per second.

        Raises:
            UnsupportedTypeError: it is no array of such a shape.
            MarigramError: NumPy is missing.
        """
        from marigram.client.audio import wav_of  # needs NumPy, which not everybody has

        return cls(content=wav_of(samples, rate), extension="wav")

    @classmethod
    def as_pickle(cls, value: object) -> File:
        """Return the pickle of an object. Whoever opens it later must trust it."""
        import pickle

        return cls(content=pickle.dumps(value), extension="pkl")

    @classmethod
    def create_from(cls, value: object, **kwargs: Any) -> File:  # noqa: ANN401 see as_html
        """Return a file of whatever can be one: a path, a `File`, a picture, a figure or a table.

        Raises:
            UnsupportedTypeError: it can be none.
        """
        if isinstance(value, File):
            return value
        if isinstance(value, (str, os.PathLike)):
            return cls(value)  # pyright: ignore[reportUnknownArgumentType]
        if cls.is_convertable_to_html(value):
            return cls.as_html(value, **kwargs)
        if cls.is_convertable_to_table(value):
            return cls.as_table(value)
        if cls.is_convertable_to_image(value) or hasattr(type(value), "__array__"):
            return cls.as_image(value)
        message = (
            f"A {type(value).__name__} is not a file. Use upload('name.txt'), File.from_content(data) or "
            "File.as_pickle(value)."
        )
        raise UnsupportedTypeError(message)

    @classmethod
    def is_convertable(cls, value: object) -> bool:
        """Return whether `value` becomes a file by itself when it is assigned, appended or uploaded."""
        return (
            isinstance(value, File)
            or cls.is_convertable_to_image(value)
            or cls.is_convertable_to_html(value)
            or cls.is_convertable_to_table(value)
        )

    @staticmethod
    def is_convertable_to_image(value: object) -> bool:
        """Return whether `value` is plainly a picture: a PIL image or a Matplotlib figure."""
        module = type(value).__module__.partition(".")[0]
        return (module == "PIL" and hasattr(value, "save")) or (module == "matplotlib" and hasattr(value, "savefig"))

    @staticmethod
    def is_convertable_to_html(value: object) -> bool:
        """Return whether `value` is a figure of Plotly, Altair or Bokeh, a seaborn grid, or a pandas DataFrame."""
        module = type(value).__module__.partition(".")[0]
        return (
            (module in {"plotly", "altair"} and hasattr(value, "to_html"))
            or (module == "bokeh" and hasattr(value, "renderers"))
            or (module == "seaborn" and hasattr(value, "savefig"))
            or (module == "pandas" and type(value).__name__ == "DataFrame")
        )

    @staticmethod
    def is_convertable_to_table(value: object) -> bool:
        """Return whether `value` is a table of polars or PyArrow, which is stored as Parquet."""
        module = type(value).__module__.partition(".")[0]
        return (module == "polars" and hasattr(value, "write_parquet")) or (
            module == "pyarrow" and type(value).__name__ == "Table"
        )

    @property
    def media_type(self) -> str:
        """The media type that the extension stands for."""
        import mimetypes  # loads urllib.parse, which nothing else needs before the first file

        suffix = f".{self.extension.lower()}"
        known = _KNOWN_MEDIA_TYPES.get(suffix)
        return known or mimetypes.guess_type(f"file{suffix}", strict=False)[0] or _DEFAULT_MEDIA_TYPE

    def filename(self, attribute: str) -> str:
        """Return what the file is called when it is downloaded: its own name, or the attribute's last segment."""
        if self.path is not None:
            return self.path.name
        stem = attribute.rpartition("/")[2]
        suffix = f".{self.extension}"
        return stem if stem.endswith(suffix) else stem + suffix

    def __repr__(self) -> str:
        """Say what it is, not what it holds."""
        source = str(self.path) if self.path is not None else f"{len(self.content or b'')} bytes"
        return f"File({source}, extension={self.extension!r})"


FileLike = Union[File, str, "os.PathLike[str]"]
