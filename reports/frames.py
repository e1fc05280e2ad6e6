"""Which tables a sheet accepts, and their column names. Loads no table library: the frame brought its own."""

from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

from reports.errors import MAX_COLUMNS, BadColumnName, BadFrame, SheetTooWide

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    Frame: TypeAlias = pd.DataFrame | pa.Table | pl.DataFrame | pl.LazyFrame
else:
    Frame: TypeAlias = object  # keeps typing.get_type_hints() working without the libraries

ACCEPTED = {
    ("pandas", "DataFrame"),
    ("pyarrow", "Table"),
    ("polars", "DataFrame"),
    ("polars", "LazyFrame"),
}


def frame_library(sheet: str, frame: object) -> str:
    """`pandas`, `pyarrow` or `polars`. A subclass (GeoDataFrame, ...) counts as what it extends."""
    for kind in type(frame).__mro__:
        library = kind.__module__.partition(".")[0]
        if (library, kind.__name__) in ACCEPTED:
            return library
    raise BadFrame(
        sheet,
        f"its frame is a {type(frame).__name__}; give a pandas, Polars or pyarrow table",
    )


def column_names(sheet: str, frame: Any) -> tuple[str, ...]:
    """The frame's column names as text, each once. A whole number (a pivoted year) is taken as its digits."""
    library = frame_library(sheet, frame)
    if library == "pandas":
        given = list(frame.columns)
    else:
        given = frame.column_names if library == "pyarrow" else frame.collect_schema().names()
    if len(given) > MAX_COLUMNS:
        raise SheetTooWide(sheet, len(given))
    if not given:
        raise BadFrame(sheet, "the frame has no columns; give it at least one, even when it has no rows")
    names: dict[str, object] = {}
    for name in given:
        if not isinstance(name, str | Integral):
            raise BadColumnName(sheet, name, "a column's name must be text; rename it")
        if str(name) in names:
            raise BadColumnName(sheet, name, "the frame has this name twice; rename one of them")
        names[str(name)] = name
    return tuple(names)
