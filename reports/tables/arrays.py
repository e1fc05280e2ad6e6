"""Arrow arrays in the one form that each kind of cell is written from. Knows no file format.

INTEGER int64, FLOAT float64 (no NaN left), DECIMAL decimal128, DATE date32, DATETIME timestamp[us] of the wall
clock without zone, TIME time64[us], DURATION duration[us], BOOLEAN bool, TEXT large_string.
"""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from reports.number_formats.formats import Kind

MAX_PRECISION = 38  # digits of a decimal128
FINER = "values with nanoseconds, cut to microseconds: {count}"

KINDS: tuple[tuple[Callable[[Any], bool], Kind], ...] = (
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
TARGETS: dict[Kind, Any] = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.INTEGER: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.DURATION: pa.duration("us"),
    Kind.TEXT: pa.large_string(),
}


def value_type(arrow_type: Any) -> Any:
    """A category's own type: that of what it stands for."""
    return arrow_type.value_type if pa.types.is_dictionary(arrow_type) else arrow_type


def arrow_kind(arrow_type: Any) -> Kind | None:
    """None where a cell has no form for the type. 64-bit integers without sign and long decimals count."""
    wanted = value_type(arrow_type)
    return next((kind for test, kind in KINDS if test(wanted)), None)


def is_nested(arrow_type: Any) -> bool:
    return bool(pa.types.is_nested(value_type(arrow_type)))


def zone_of(arrow_type: Any) -> str | None:
    """The zone that a column of instants names, by its IANA name."""
    wanted = value_type(arrow_type)
    return zone_name(wanted.tz) if pa.types.is_timestamp(wanted) and wanted.tz else None


def zone_name(zone: object) -> str:
    """An IANA name where there is one; a bare offset is shown as UTC, which is never wrong."""
    name = str(zone if isinstance(zone, str) else getattr(zone, "key", None) or getattr(zone, "zone", "UTC"))
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def canonical(array: Any, kind: Kind, zone: str | None) -> Any:
    """`array` in its kind's one form. Instants become the wall clock of `zone`.

    Raises pyarrow.ArrowInvalid where a value does not fit: integers beyond 64 bits, decimals beyond 38 digits.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kind is Kind.DATETIME:
        return _wall_clock(array, zone)
    if kind is Kind.DECIMAL:
        return _decimal128(array)
    target = TARGETS[kind]
    if array.type.equals(target):
        return array
    return array.cast(target, safe=kind not in {Kind.TIME, Kind.DURATION})


def as_json(array: Any) -> Any:
    """A nested column as text, one JSON document a cell."""
    values = [None if value is None else json_text(value) for value in array.to_pylist()]
    return pa.array(values, pa.large_string())


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def cuts_digits(arrow_type: Any) -> bool:
    """Return whether the type can hold more than microseconds, which is what a cell is given."""
    wanted = value_type(arrow_type)
    return getattr(wanted, "unit", "us") == "ns"


def lost_nanoseconds(array: Any) -> int:
    """Return how many values have digits beyond the microsecond."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    numbers = array.cast(pa.int64())
    micros = pc.divide(numbers, pa.scalar(1_000, pa.int64()))
    whole = pc.equal(pc.multiply(micros, pa.scalar(1_000, pa.int64())), numbers)
    return int(len(array) - array.null_count - (pc.sum(whole).as_py() or 0))


def one_array(column: Any) -> Any:
    """A chunked array, or a slice of one, as a single array; copied only where it spans chunks."""
    if isinstance(column, pa.Array):
        return column
    chunks = [chunk for chunk in column.chunks if len(chunk)]
    if len(chunks) == 1:
        return chunks[0]
    return pa.concat_arrays(chunks) if chunks else pa.array([], column.type)


def _wall_clock(array: Any, zone: str | None) -> Any:
    naive = pa.timestamp("us")
    if array.type.tz is None:
        array = array if zone is None else array.cast(pa.timestamp(array.type.unit, "UTC"))
    micros = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    if array.type.tz is None:
        return micros.cast(naive)
    instants = micros.cast(pa.timestamp("us", "UTC"))
    if zone in {None, "UTC"}:
        return instants.cast(pa.int64()).cast(naive)
    # Polars brings its own table of zones; Arrow needs one from the system, which small images lack.
    moved = pl.Series(instants).dt.convert_time_zone(zone or "UTC").dt.replace_time_zone(None)
    return moved.to_arrow().cast(naive)


def _decimal128(array: Any) -> Any:
    """Polars knows no scale below zero, which Arrow gives to 1E+3."""
    if pa.types.is_decimal128(array.type) and array.type.scale >= 0:
        return array
    return array.cast(pa.decimal128(MAX_PRECISION, max(0, array.type.scale)))
