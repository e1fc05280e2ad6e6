"""Columns as JSON holds them, no digit lost. Knows no files."""

from collections.abc import Callable
from datetime import date, datetime, time
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from reports.files.csv_text import spelled
from reports.number_formats.formats import Kind
from reports.reading.cells import EXACT, duration
from reports.tables.arrays import FINER, lost_nanoseconds
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import Values
from reports.tables.reader import ReadColumn, TableReader, check_value

MOMENT = "%Y-%m-%dT%H:%M:%S%.f"
LONG = "whole numbers beyond 2^53, now text so that no reader drops digits: {count}"
NOT_FINITE = "NaN and infinite numbers, now null, which is all that JSON has for them: {count}"


def column_type(column: ReadColumn) -> str:
    """The word for the column's type in the file."""
    if column.nested:
        return "nested"
    return column.kind.value if column.kind is not None else "mixed"


def json_values(reader: TableReader, column: ReadColumn, values: Values) -> list[Any]:
    """A slice of a column."""
    if isinstance(values, Objects):
        return _mixed(reader, column, values)
    array = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    if column.nested:
        return list(array.to_pylist())
    write = WRITERS.get(column.kind)
    if write is not None:
        return write(reader, column, array)
    return spelled(reader, column, array, ".").to_list()


def json_value(value: object, zone: ZoneInfo | None) -> Any:
    """One value; instants in `zone`, or in their own."""
    kind = None if value is None else kind_of(value)
    if isinstance(value, datetime) and value.tzinfo is not None and zone is not None:
        value = value.astimezone(zone)
    return value if kind is None or kind not in VALUES else VALUES[kind](value)


def _whole(value: int) -> Any:
    return int(value) if abs(value) <= EXACT else str(int(value))


VALUES: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: _whole,
    Kind.FLOAT: lambda value: float(value) if isfinite(value) else None,
    Kind.DECIMAL: lambda value: format(value, "f") if value.is_finite() else None,
    Kind.DATE: date.isoformat,
    Kind.DATETIME: datetime.isoformat,
    Kind.TIME: time.isoformat,
    Kind.DURATION: duration,
}


def _mixed(reader: TableReader, column: ReadColumn, values: Objects) -> list[Any]:
    for value in values.values:
        check_value(reader, column, value)
    written = [json_value(value, column.zone or ZoneInfo("UTC")) for value in values.values]
    pairs = list(zip(values.values, written, strict=True))
    reader.note(
        "not_finite", column, sum(one is None and given is not None for given, one in pairs), NOT_FINITE
    )
    long = sum(isinstance(given, int) and isinstance(one, str) for given, one in pairs)
    reader.note("digits", column, long, LONG)
    return written


def _integers(reader: TableReader, column: ReadColumn, array: Any) -> list[Any]:
    values = array.to_pylist()
    ends = pc.min_max(array)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None or (low >= -EXACT and high <= EXACT):
        return list(values)
    written = [str(one) if one is not None and abs(one) > EXACT else one for one in values]
    reader.note("digits", column, sum(isinstance(one, str) for one in written), LONG)
    return written


def _floats(reader: TableReader, column: ReadColumn, array: Any) -> list[Any]:
    finite = pc.is_finite(array)
    lost = len(array) - array.null_count - (pc.sum(finite).as_py() or 0)
    if not lost:
        return list(array.to_pylist())
    reader.note("not_finite", column, lost, NOT_FINITE)
    return list(pc.if_else(finite, array, pa.scalar(None, array.type)).to_pylist())


def _decimals(reader: TableReader, column: ReadColumn, array: Any) -> list[Any]:
    return spelled(reader, column, array, ".").cast(pl.String).to_list()


def _moments(reader: TableReader, column: ReadColumn, array: Any) -> list[Any]:  # noqa: ARG001 # like the others
    if array.type.tz is None:
        return pl.Series(array).dt.strftime(MOMENT).to_list()
    instants = pl.Series(array.cast(pa.timestamp(array.type.unit, "UTC")))
    zone = column.zone.key if column.zone else "UTC"
    return instants.dt.convert_time_zone(zone).dt.strftime(f"{MOMENT}%:z").to_list()


def _durations(reader: TableReader, column: ReadColumn, array: Any) -> list[Any]:
    if array.type.unit == "ns":
        reader.note("nanoseconds", column, lost_nanoseconds(array), FINER)
    micros = array.cast(pa.duration("us"), safe=False)
    return [None if one is None else duration(one) for one in micros.to_pylist()]


WRITERS: dict[Kind | None, Callable[[TableReader, ReadColumn, Any], list[Any]]] = {
    Kind.INTEGER: _integers,
    Kind.FLOAT: _floats,
    Kind.DECIMAL: _decimals,
    Kind.DATETIME: _moments,
    Kind.DURATION: _durations,
}
