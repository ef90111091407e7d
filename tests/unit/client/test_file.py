from __future__ import annotations

import io
import sys
import wave
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from marigram.client.casting import point_of
from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File


class Tensor:
    """What a PyTorch tensor is to us."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self._array


def a_class(name: str, module: str, **members: Any) -> Any:
    """Return an object of a class that says it is of another package."""
    return type(name, (), {"__module__": module, **members})()


def content_of(file: File) -> bytes:
    assert file.content is not None
    return file.content


def pixels(file: File) -> Any:
    return np.asarray(Image.open(io.BytesIO(content_of(file))))


def test_a_tensor_may_have_its_channels_first_or_last() -> None:
    picture = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    assert pixels(File.as_image(Tensor(picture.transpose(2, 0, 1)))).tolist() == picture.tolist()
    assert pixels(File.as_image(Tensor(picture))).tolist() == picture.tolist()


def test_a_figure_becomes_a_picture() -> None:
    figure = a_class("Figure", "matplotlib.figure", savefig=lambda _, stream, **__: stream.write(b"png"))
    assert File.is_convertable_to_image(figure)
    assert content_of(File.create_from(figure)) == b"png"
    assert content_of(File.as_html(figure)).endswith(b'src="data:image/png;base64,cG5n">')


@pytest.mark.parametrize("module", ["plotly.graph_objs", "altair.vegalite"])
def test_a_chart_becomes_a_page(module: str) -> None:
    chart = a_class("Chart", module, to_html=lambda _, **options: f"<p>{options}")
    assert File.is_convertable_to_html(chart)
    assert content_of(File.create_from(chart)).startswith(b"<p>")


def test_a_page_of_altair_holds_its_scripts_where_that_is_possible() -> None:
    def to_html(_: object, *, inline: bool = False) -> str:
        if inline:
            message = "vl-convert-python is missing"
            raise ImportError(message)
        return "loads scripts"

    assert content_of(File.as_html(a_class("Chart", "altair", to_html=to_html))) == b"loads scripts"
    whole = a_class("Chart", "altair", to_html=lambda _, inline: f"inline={inline}")
    assert content_of(File.as_html(whole)) == b"inline=True"


def test_a_page_of_bokeh_holds_its_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    embed, resources = ModuleType("bokeh.embed"), ModuleType("bokeh.resources")
    vars(embed)["file_html"] = lambda _, with_what: f"page with {with_what}"
    vars(resources)["INLINE"] = "scripts"
    for name, module in (("bokeh", ModuleType("bokeh")), ("bokeh.embed", embed), ("bokeh.resources", resources)):
        monkeypatch.setitem(sys.modules, name, module)
    figure = a_class("figure", "bokeh.plotting", renderers=())
    assert content_of(File.create_from(figure)) == b"page with scripts"


def test_a_data_frame_becomes_a_page_and_by_as_table_a_table() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    page = File.create_from(frame)
    assert page.media_type == "text/html"
    assert b"<table" in content_of(page)
    table = File.as_table(frame)
    assert table.extension in {"parquet", "csv"}
    point = point_of(frame)
    assert isinstance(point, File)
    assert point.media_type == "text/html"


def test_a_data_frame_that_parquet_cannot_hold_becomes_csv() -> None:
    frame = a_class("DataFrame", "pandas", to_csv=lambda _: ",a\n0,1\n", to_parquet=_refuse)
    table = File.as_table(frame)
    assert (table.media_type, table.content) == ("text/csv", b",a\n0,1\n")


def _refuse(*_: object) -> None:
    message = "Unable to find a usable engine"
    raise ImportError(message)


def test_a_table_of_polars_becomes_parquet() -> None:
    table = a_class("DataFrame", "polars.dataframe", write_parquet=lambda _, stream, **_options: stream.write(b"PAR1"))
    file = File.create_from(table)
    assert (file.media_type, file.content) == ("application/vnd.apache.parquet", b"PAR1")


def test_real_tables_can_be_read_again() -> None:
    polars = pytest.importorskip("polars")
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for table in (polars.DataFrame({"a": [1, 2]}), arrow.table({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]})):
        file = File.as_table(table)
        assert parquet.read_table(io.BytesIO(content_of(file))).column("a").to_pylist() == [1, 2]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(UnsupportedTypeError, match="no table"):
        File.as_table([1, 2])


@pytest.mark.parametrize(
    ("samples", "frames", "channels"),
    [
        (np.array([0.0, 1.0, -1.0, 2.0]), [0, 32767, -32767, 32767], 1),
        (np.array([[0, 1], [2, 3]], dtype=np.int16), [0, 1, 2, 3], 2),
        (Tensor(np.array([0.5], dtype=np.float32)), [16384], 1),
    ],
)
def test_sound_becomes_a_wav_file(samples: object, frames: list[int], channels: int) -> None:
    file = File.as_audio(samples, 8000)
    assert file.media_type == "audio/wav"
    with wave.open(io.BytesIO(content_of(file))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, channels, 2)
        assert np.frombuffer(sound.readframes(sound.getnframes()), "<i2").tolist() == frames


@pytest.mark.parametrize("samples", [np.zeros((2, 100)), np.zeros((1, 1, 1)), np.array(["a"])])
def test_what_is_no_sound_is_refused(samples: object) -> None:
    with pytest.raises(UnsupportedTypeError, match="no sound"):
        File.as_audio(samples, 8000)


@pytest.mark.parametrize(
    ("name", "media_type"), [("a.mp4", "video/mp4"), ("a.gif", "image/gif"), ("a.mp3", "audio/mpeg")]
)
def test_films_and_sounds_by_path_have_their_media_type(name: str, media_type: str) -> None:
    assert File.create_from(name).media_type == media_type


def test_what_can_be_no_file_is_refused_with_the_ways_out() -> None:
    with pytest.raises(UnsupportedTypeError, match=r"from_content.*as_pickle"):
        File.create_from(object())
