"""Tables of pandas, polars and PyArrow as bytes. Who hands in a table has imported its package; this module has not."""

from __future__ import annotations

import io
from typing import Any

from marigram.client.errors import UnsupportedTypeError


def stored_table(table: Any) -> tuple[bytes, str]:  # noqa: ANN401 tables share no type
    """Return a table's bytes and their extension: Parquet, or CSV for pandas where no package writes Parquet.

    Raises:
        UnsupportedTypeError: it is no table.
    """
    stream = io.BytesIO()
    module = type(table).__module__.partition(".")[0]
    if callable(getattr(table, "write_parquet", None)):  # polars
        # As the others do by themselves, and so that browsers can show it.
        table.write_parquet(stream, compression="snappy")
    elif callable(getattr(table, "to_parquet", None)):  # pandas
        try:
            table.to_parquet(stream)
        except (ImportError, ValueError):
            # ValueError: Parquet has names for columns where pandas may have numbers, and columns of one type.
            return table.to_csv().encode(), "csv"
    elif module == "pyarrow" and type(table).__name__ == "Table":
        from pyarrow import parquet  # pyright: ignore[reportMissingImports,reportUnknownVariableType]

        parquet.write_table(table, stream)
    else:
        message = f"A {type(table).__name__} is no table. Hand in one of pandas, polars or PyArrow."
        raise UnsupportedTypeError(message)
    return stream.getvalue(), "parquet"
