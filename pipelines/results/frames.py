"""Frames as Parquet files, or as a text when they are small; whichever library holds them.

Knows no step and no store.
"""

import base64
import json
import warnings
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.annotations import FrameForm
from presstime.errors import PresstimeError

COMPRESSION = "zstd"
SECONDS = b"presstime.seconds"  # metadata: the columns that `note_seconds` found
SCHEMAS = (
    256  # of plain frames are remembered: one process carries out few steps, and each returns its own columns
)
FEW_ROWS = 10_000  # up to here, handing work to threads takes longer than the work
UNNAMED_INDEX = "__index_level_"  # how pyarrow names an index without a name


CLASSES: dict[FrameForm, type] = {
    "pandas": pd.DataFrame,
    "arrow": pa.Table,
    "polars": pl.DataFrame,
    "lazy": pl.LazyFrame,
}


class FrameRefused(PresstimeError):
    """A frame that Parquet cannot carry, or would change."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"frame: {reason}")


def check_class(value: object, form: FrameForm) -> None:
    """Refuse what is not the frame that the annotation promised."""
    if type(value) is not CLASSES[form]:
        wanted = f"{CLASSES[form].__module__.split('.')[0]}.{CLASSES[form].__name__}"
        got = f"{type(value).__module__.split('.')[0]}.{type(value).__qualname__}"
        raise FrameRefused(f"declared {wanted}, returned {got}")


def write_frame(value: Any, form: FrameForm, path: Path) -> pa.Table | None:  # the frame class of `form`
    """Write the frame to a new file; raises FrameRefused. Returns what was written, unless Polars wrote it."""
    check_class(value, form)
    try:
        if form == "lazy":
            value.sink_parquet(path, compression=COMPRESSION)
        elif form == "polars":
            value.write_parquet(path, compression=COMPRESSION)
        else:
            table = to_arrow(value, form)
            pq.write_table(note_seconds(table), path, compression=COMPRESSION)
            return table
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise FrameRefused(_one_line(error)) from error
    return None


def to_arrow(value: Any, form: FrameForm) -> pa.Table:  # the frame class of `form`
    """The frame as an Arrow table; of pandas with the metadata that brings its dtypes back."""
    if form == "arrow":
        return value
    try:
        if form == "polars":
            return value.to_arrow()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The DataFrame has column names of mixed type", UserWarning)
            return pa.Table.from_pandas(value)
    except (pa.ArrowException, ValueError, TypeError, NotImplementedError) as error:
        raise FrameRefused(_one_line(error)) from error


def plain_to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return what `to_arrow` makes of a plain frame (see `equality.is_plain`), in two thirds of the time.

    Names and types of the columns determine its schema, so that is worked out once for all frames that have them.
    """
    if frame.attrs or not frame.shape[1]:
        return to_arrow(frame, "pandas")
    schema, noted = _plain_schema(tuple(frame.columns), tuple(frame.dtypes))
    # A series of numpy's numbers is unwrapped: Arrow would ask pandas about each, which takes longer than the copy.
    values = (
        column.to_numpy() if isinstance(column.dtype, np.dtype) else column for _, column in frame.items()
    )
    arrays = [
        pa.array(column, type=kind, from_pandas=True)
        for column, kind in zip(values, schema.types, strict=True)
    ]
    rows = {**noted["index_columns"][0], "stop": len(frame)}
    note = json.dumps({**noted, "index_columns": [rows]})
    return pa.Table.from_arrays(arrays, schema=schema.with_metadata({b"pandas": note}))


@lru_cache(maxsize=SCHEMAS)
def _plain_schema(names: tuple[str, ...], dtypes: tuple[Any, ...]) -> tuple[pa.Schema, dict[str, Any]]:
    """The schema of plain frames with these columns, and what pandas notes about one without rows."""
    empty = pd.DataFrame({position: pd.Series([], dtype=dtype) for position, dtype in enumerate(dtypes)})
    empty.columns = pd.Index(names, dtype="str")
    schema = to_arrow(empty, "pandas").schema
    return schema, pandas_metadata(schema)


def read_frame(path: Path, form: FrameForm) -> Any:  # the frame class of `form`
    """The file's rows in the form asked for. A lazy frame and a path read from `path` later."""
    if form == "path":
        return path
    if form == "polars":
        return _without_index(pl.read_parquet(path, hive_partitioning=False))
    if form == "lazy":
        return _without_index(pl.scan_parquet(path, hive_partitioning=False))
    table = read_table(path)
    return to_pandas(table) if form == "pandas" else from_arrow(table, form)


def read_table(path: Path) -> pa.Table:
    """The file as it is."""
    # Not `pq.read_table`: that takes twice as long over a small file, and folders on its path for columns.
    with pq.ParquetFile(path, memory_map=True) as file:
        table = file.read(use_threads=file.metadata.num_rows > FEW_ROWS)
    noted = json.loads((table.schema.metadata or {}).get(SECONDS, b"[]"))
    for position, field in enumerate(table.schema):
        if field.name in noted:
            column = table.column(position).cast(pa.timestamp("s", tz=field.type.tz))
            table = table.set_column(position, field.name, column)
    return table


def pack_table(table: pa.Table) -> str:
    """A small table as text: Arrow's own stream, compressed, in base64. A twentieth of a Parquet file's time."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return base64.b64encode(zlib.compress(sink.getvalue(), 1)).decode()


def unpack_table(text: str) -> pa.Table:
    """Return the table that `pack_table` made a text of."""
    return pa.ipc.open_stream(pa.py_buffer(zlib.decompress(base64.b64decode(text)))).read_all()


def note_seconds(table: pa.Table) -> pa.Table:
    """The table with a note of its timestamps in seconds: Parquet knows none, and keeps milliseconds."""
    seconds = [field.name for field in table.schema if str(field.type).startswith("timestamp[s")]
    if not seconds:
        return table
    return table.replace_schema_metadata({**(table.schema.metadata or {}), SECONDS: json.dumps(seconds)})


def from_arrow(table: pa.Table, form: FrameForm) -> Any:  # the frame class of `form`
    """An Arrow table in memory as another form; an index without a name goes with pandas alone."""
    if form == "pandas":
        return to_pandas(table)
    kept = table.drop_columns([name for name in table.column_names if name.startswith(UNNAMED_INDEX)])
    if form == "arrow":
        return kept
    frame = pl.from_arrow(kept)
    return frame.lazy() if form == "lazy" and isinstance(frame, pl.DataFrame) else frame


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Convert the table as pyarrow does it, and with texts as objects again where they had been."""
    frame: pd.DataFrame = table.to_pandas(use_threads=table.num_rows > FEW_ROWS)
    described = pandas_columns(table.schema)
    if "object" not in described.values():
        return frame
    index = _index_names(table)
    data = [name for name in table.column_names if name in described and name not in index]
    if len(data) != frame.shape[1]:
        return frame
    for position, name in enumerate(data):
        if described[name] == "object" and (column := frame.iloc[:, position]).dtype == "str":
            frame.isetitem(position, column.astype(object).where(column.notna(), None))  # type: ignore[arg-type] # the stubs know no Series
    return frame


def pandas_metadata(schema: pa.Schema) -> dict[str, Any]:
    """Return what pandas noted about its frame when it was stored; empty for other frames."""
    found: dict[str, Any] = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    return found


def pandas_columns(schema: pa.Schema) -> dict[str, str]:
    """The pandas dtype of each column, by the name of the column in the file."""
    columns = pandas_metadata(schema).get("columns", [])
    return {str(column["field_name"]): str(column["numpy_type"]) for column in columns}


def _index_names(table: pa.Table) -> set[str]:
    noted = pandas_metadata(table.schema).get("index_columns", [])
    return {name for name in noted if isinstance(name, str)}


def _without_index(frame: Any) -> Any:  # a DataFrame or LazyFrame of Polars
    names = [name for name in frame.collect_schema().names() if name.startswith(UNNAMED_INDEX)]
    return frame.drop(names) if names else frame


def _one_line(error: BaseException) -> str:
    return "; ".join(str(part) for part in error.args) or type(error).__name__
