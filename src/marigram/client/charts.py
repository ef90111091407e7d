"""Figures as pages of HTML. None of the plotting packages is imported unless a figure of it is handed in.

A page holds its scripts itself wherever the package can write it so, because a browser that shows a run may have no
network. Altair can only with its own addition `vl-convert-python`; without it, its page loads scripts when it is shown.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

from marigram.client.errors import UnsupportedTypeError


def html_of(chart: Any, options: Mapping[str, Any]) -> str:  # noqa: ANN401 figures share no type
    """Return a page of a figure or table; `options` go to the package's own `to_html`.

    Raises:
        UnsupportedTypeError: it is neither.
    """
    module = type(chart).__module__.partition(".")[0]
    if isinstance(chart, str):
        return chart
    if module == "bokeh":
        from bokeh.embed import file_html  # pyright: ignore[reportMissingImports,reportUnknownVariableType]
        from bokeh.resources import INLINE  # pyright: ignore[reportMissingImports,reportUnknownVariableType]

        return str(file_html(chart, INLINE, **options))  # pyright: ignore[reportUnknownArgumentType]
    if module == "altair":
        return _altair_page(chart, options)
    if callable(getattr(chart, "to_html", None)):
        return str(chart.to_html(**options))
    if callable(getattr(chart, "savefig", None)):
        from marigram.client.images import png_of

        picture = base64.b64encode(png_of(chart)).decode()
        title = escape(type(chart).__name__)
        return f'<!doctype html><title>{title}</title><img alt="{title}" src="data:image/png;base64,{picture}">'
    message = f"A {type(chart).__name__} has no to_html(). Save it to a file and log File('name.html')."
    raise UnsupportedTypeError(message)


def _altair_page(chart: Any, options: Mapping[str, Any]) -> str:  # noqa: ANN401 see above
    try:
        return str(chart.to_html(**{"inline": True, **options}))
    except (ImportError, ValueError):
        return str(chart.to_html(**options))
