"""Which tables a sheet accepts, and their column names. Loads no table library: the frame brought its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

from reports.errors import MAX_COLUMNS, BadColumnName, BadFrame, SheetTooWide

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    Frame: TypeAlias = (
        pd.DataFrame
        | pa.Table
        | pa.RecordBatch
        | pa.RecordBatchReader
        | pl.DataFrame
        | pl.LazyFrame
        | Iterator[pa.RecordBatch]
    )
else:
    Frame: TypeAlias = object  # keeps typing.get_type_hints() working without the libraries

ACCEPTED = {
    ("pandas", "DataFrame"),
    ("pyarrow", "Table"),
    ("pyarrow", "RecordBatch"),
    ("pyarrow", "RecordBatchReader"),
    ("polars", "DataFrame"),
    ("polars", "LazyFrame"),
}


def frame_library(sheet: str, frame: object) -> str:
    """`pandas`, `pyarrow`, `polars`, or `batches` for an iterator of record batches.

    A subclass (GeoDataFrame, ...) counts as what it extends.
    """
    for kind in type(frame).__mro__:
        library = kind.__module__.partition(".")[0]
        if (library, kind.__name__) in ACCEPTED:
            return library
    if isinstance(frame, Iterator):
        return "batches"
    raise BadFrame(
        sheet,
        f"its frame is a {type(frame).__name__}; give a pandas, Polars or pyarrow table, "
        "or an iterator of record batches",
    )


def is_stream(frame: object) -> bool:
    """Whether the frame is gone once it was read: an iterator or a reader of record batches."""
    return isinstance(frame, Iterator) or any(
        kind.__name__ == "RecordBatchReader" for kind in type(frame).__mro__
    )


def column_names(sheet: str, frame: Any, *, repeated: bool = True) -> tuple[str, ...] | None:
    """The frame's column names as text. A whole number (a pivoted year) is taken as its digits.

    None for an iterator, which shows its columns when it is read. Raises BadWorkbook for names that are no
    text and, unless `repeated`, for a name that is there twice.
    """
    library = frame_library(sheet, frame)
    if library == "batches":
        return None
    if library == "pandas":
        given = list(frame.columns)
    elif library == "polars":
        given = frame.collect_schema().names()
    else:
        given = frame.schema.names
    return checked_names(sheet, given, repeated=repeated)


def checked_names(sheet: str, given: Sequence[object], *, repeated: bool) -> tuple[str, ...]:
    if len(given) > MAX_COLUMNS:
        raise SheetTooWide(sheet, len(given))
    if not given:
        raise BadFrame(sheet, "the frame has no columns; give it at least one, even when it has no rows")
    for name in given:
        if not isinstance(name, str | Integral):
            raise BadColumnName(sheet, name, "a column's name must be text; rename it")
    names = tuple(str(name) for name in given)
    if not repeated and (twice := [name for name, count in Counter(names).items() if count > 1]):
        raise BadColumnName(
            sheet,
            twice[0],
            "the frame has this name twice; rename one, or ask for duplicate_columns='number'",
        )
    return names
