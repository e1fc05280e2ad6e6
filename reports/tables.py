"""Frames of every accepted library as columns of plain values and kinds. Knows no file format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.errors import MAX_ROWS, BadColumnType, BadFrame, SheetTooLong
from reports.formats import NUMBERS, Kind
from reports.frames import column_names, frame_library
from reports.workbook import Sheet

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 # naive by intent: a frame's wall-clock time has no zone
EPOCH_DAY = date(1970, 1, 1).toordinal()
# Order matters to subclasses: a bool is an int, a datetime is a date.
KIND_BY_TYPE: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (float, Kind.FLOAT),
    (Decimal, Kind.DECIMAL),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (time, Kind.TIME),
    (timedelta, Kind.DURATION),
    (str, Kind.TEXT),
)
EXACT_KIND = dict(KIND_BY_TYPE)

ARROW_KINDS: tuple[tuple[Callable[[Any], bool], Kind], ...] = (
    (pa.types.is_boolean, Kind.BOOLEAN),
    (pa.types.is_integer, Kind.INTEGER),
    (pa.types.is_floating, Kind.FLOAT),
    (pa.types.is_decimal, Kind.DECIMAL),
    (pa.types.is_date, Kind.DATE),
    (pa.types.is_timestamp, Kind.DATETIME),
    (pa.types.is_time, Kind.TIME),
    (pa.types.is_duration, Kind.DURATION),
    (pa.types.is_string, Kind.TEXT),
    (pa.types.is_large_string, Kind.TEXT),
    (pa.types.is_string_view, Kind.TEXT),
    (pa.types.is_null, Kind.TEXT),
)


@dataclass(frozen=True, eq=False)
class TableColumn:
    """One column. `values()` gives bool, int, float, Decimal, str, None and datetime's types, row by row.

    `kind` is None where a column mixes kinds. A `zone` means: the datetimes are instants in UTC, to be
    shown in that zone unless the writer is given another.
    """

    name: str
    kind: Kind | None
    values: Callable[[], Iterator[object]]
    zone: str | None = None
    notes: tuple[str, ...] = ()


def read_table(sheet: Sheet) -> tuple[int, list[TableColumn]]:
    """The number of rows, and the columns. Raises BadWorkbook naming the sheet and what is wrong in it."""
    names = column_names(sheet.name, sheet.frame)
    library = frame_library(sheet.name, sheet.frame)
    frame: Any = sheet.frame
    if library == "polars":
        frame = frame.lazy().collect()
    if (rows := len(frame) + 1) > MAX_ROWS:
        raise SheetTooLong(sheet.name, rows)
    if library == "pandas":
        _refuse_to_lose_the_index(sheet.name, frame.index)
        columns = [_pandas_column(sheet.name, n, frame.iloc[:, i]) for i, n in enumerate(names)]
    else:
        table = frame.to_arrow() if library == "polars" else frame
        columns = [_arrow_column(sheet.name, n, table.column(i)) for i, n in enumerate(names)]
    return len(frame), columns


def kind_of(value: object) -> Kind | None:
    """The kind of a plain value, or None where Excel has no cell for it."""
    exact = EXACT_KIND.get(type(value))
    return exact or next((kind for base, kind in KIND_BY_TYPE if isinstance(value, base)), None)


def _refuse_to_lose_the_index(sheet: str, index: Any) -> None:
    named = any(name is not None for name in index.names)
    if named or not pd.api.types.is_integer_dtype(index.dtype):
        what = ", ".join(str(name) for name in index.names if name is not None) or f"of type {index.dtype}"
        if len(index) or named:
            raise BadFrame(
                sheet,
                f"the index ({what}) would be lost: a sheet holds columns only. Call frame.reset_index(), "
                "or reset_index(drop=True) to do without it.",
            )


def _pandas_column(sheet: str, name: str, series: "pd.Series[Any]") -> TableColumn:
    if series.dtype == object:
        return _object_column(sheet, name, series.tolist())
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        raise BadColumnType(sheet, name, str(series.dtype)) from error
    column = pa.chunked_array([array]) if isinstance(array, pa.Array) else array
    return _arrow_column(sheet, name, column)


def _object_column(sheet: str, name: str, items: list[object]) -> TableColumn:
    values = [_plain(item) for item in items]
    kinds = {kind_of(value) for value in values if value is not None}
    zones = {value.tzinfo is not None for value in values if isinstance(value, datetime)}
    if len(zones) > 1:
        raise BadColumnType(sheet, name, "datetimes of which only some have a time zone")
    kind: Kind | None
    if None in kinds:  # whoever encodes the values meets it again, and can name the row
        kind = Kind.TEXT
    elif len(kinds) == 1:
        kind = kinds.pop()
    else:
        kind = Kind.FLOAT if kinds and kinds <= NUMBERS else None if kinds else Kind.TEXT
    aware = zones == {True}
    zone = next((_zone_name(v.tzinfo) for v in values if isinstance(v, datetime)), "UTC") if aware else None
    return TableColumn(name, kind, lambda: iter(values), zone)


def _zone_name(zone: object) -> str:
    """An IANA name where there is one; a bare offset is shown as UTC, which is never wrong."""
    name = str(zone if isinstance(zone, str) else getattr(zone, "key", None) or getattr(zone, "zone", "UTC"))
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def _plain(item: object) -> object:
    """A scalar without numpy and pandas around it; every way to say `missing` becomes None."""
    if item is None or item is pd.NA or item is pd.NaT:
        return None
    if isinstance(item, np.datetime64):
        return _plain(pd.Timestamp(item))
    if isinstance(item, np.timedelta64):
        return _plain(pd.Timedelta(item))
    if isinstance(item, np.generic):
        return _plain(item.item())
    if isinstance(item, float | Decimal) and item != item:  # noqa: PLR0124 # true of NaN alone
        return None
    return item


def _arrow_column(sheet: str, name: str, column: Any) -> TableColumn:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = _arrow_kind(column.type)
    if kind is None:
        raise BadColumnType(sheet, name, f"a column of type {column.type}")
    notes: tuple[str, ...] = ()
    if kind is Kind.FLOAT:
        column = column.cast(pa.float64())
        if missing := pc.sum(pc.is_nan(column)).as_py():
            notes = (f"sheet {sheet!r}, column {name!r}: {missing:,} NaN became blank cells",)
    if kind in READERS:
        column, finer = _in_microseconds(column, kind)
        notes = (f"sheet {sheet!r}, column {name!r}: nanoseconds were cut to microseconds",) if finer else ()
        return TableColumn(name, kind, lambda: _read(column, READERS[kind]), _zone_of(column.type), notes)
    return TableColumn(name, kind, lambda: iter(_pieces(column)), None, notes)


def _arrow_kind(arrow_type: Any) -> Kind | None:
    return next((kind for test, kind in ARROW_KINDS if test(arrow_type)), None)


def _zone_of(kind: Any) -> str | None:
    return _zone_name(kind.tz) if pa.types.is_timestamp(kind) and kind.tz else None


def _in_microseconds(column: Any, kind: Kind) -> tuple[Any, bool]:
    """The column in units that Python's types can hold, and whether that cost digits."""
    if kind is Kind.DATE:
        return column.cast(pa.date32()), False
    target = {
        Kind.DATETIME: lambda: pa.timestamp("us", tz=column.type.tz),
        Kind.TIME: lambda: pa.time64("us"),
        Kind.DURATION: lambda: pa.duration("us"),
    }[kind]()
    try:
        return column.cast(target), False
    except pa.ArrowInvalid:
        return column.cast(target, safe=False), True


def _read(column: Any, reader: Callable[[int], object]) -> Iterator[object]:
    """Lazily, so that a value outside Python's calendar is met where its row is known."""
    numbers = column.cast(pa.int32() if pa.types.is_date(column.type) else pa.int64())
    for value in _pieces(numbers):
        yield None if value is None else reader(value)


def _pieces(column: Any) -> Iterator[Any]:
    for chunk in column.chunks:
        yield from chunk.to_pylist()


READERS: dict[Kind, Callable[[int], object]] = {
    Kind.DATE: lambda days: date.fromordinal(EPOCH_DAY + days),
    Kind.DATETIME: lambda micros: EPOCH + timedelta(microseconds=micros),
    Kind.TIME: lambda micros: (EPOCH + timedelta(microseconds=micros)).time(),
    Kind.DURATION: lambda micros: timedelta(microseconds=micros),
}
