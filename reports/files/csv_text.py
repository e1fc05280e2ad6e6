"""Columns as .csv files spell them, every digit kept. Knows no files."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa

from reports.number_formats.formats import Kind
from reports.tables.arrays import as_json, json_text
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import Values
from reports.tables.reader import NESTED, ReadColumn, TableReader, check_value

MOMENT = "%Y-%m-%d %H:%M:%S%.f"  # RFC 3339 with a blank, which spreadsheets take for a moment too
HOUR, MINUTE, SECOND = 3_600_000_000_000, 60_000_000_000, 1_000_000_000  # nanoseconds
FORMULA_LIKE = ("=", "+", "-", "@", "\t", "\r")
JSON = "nested values, now JSON: {count}"


def spelled(reader: TableReader, column: ReadColumn, values: Values, decimal: str) -> pl.Series:
    """Text, or numbers and booleans, which Polars spells: the shortest text that reads back as the same."""
    if isinstance(values, Objects):
        return _texts([_spelled_value(reader, column, value, decimal) for value in values.values])
    array = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    if column.nested:
        reader.note("nested", column, len(array) - array.null_count, JSON)
        return pl.Series(as_json(array))
    if column.kind is Kind.DATETIME:
        return _moments(array, column)
    spell = SPELLED.get(column.kind)
    return pl.Series(array) if spell is None else spell(array, decimal)


def guarded(values: Sequence[object]) -> tuple[list[object], int]:
    """Texts that a spreadsheet would take for a formula with an apostrophe before them, and how many."""
    safe = [f"'{one}" if isinstance(one, str) and one.startswith(FORMULA_LIKE) else one for one in values]
    return safe, sum(one is not given for one, given in zip(safe, values, strict=True))


def guarded_texts(series: pl.Series) -> tuple[pl.Series, int]:
    """The same of a whole column of texts."""
    like = series.str.contains(r"^[=+\-@\t\r]").fill_null(value=False)
    count = int(like.sum())
    if not count:
        return series, 0
    return pl.select(pl.when(like).then("'" + series).otherwise(series)).to_series(), count


def _texts(values: list[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def _moments(array: Any, column: ReadColumn) -> pl.Series:
    if array.type.tz is None:
        return pl.Series(array).dt.strftime(MOMENT)
    instants = pl.Series(array.cast(pa.timestamp(array.type.unit, "UTC")))
    zone = column.zone.key if column.zone else "UTC"
    return instants.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.strftime(MOMENT)


def _durations(array: Any, _: str) -> pl.Series:
    """`30:05:00.5`: hours, minutes, seconds."""
    nanos = pl.Series("d", array).dt.total_nanoseconds()
    passed = pl.col("d").abs()
    fraction = (passed % SECOND).cast(pl.String).str.zfill(9).str.strip_chars_end("0")
    two = [(passed % HOUR // MINUTE), (passed % MINUTE // SECOND)]
    parts = [one.cast(pl.String).str.zfill(2) for one in two]
    text = pl.concat_str(
        pl.when(pl.col("d") < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (passed // HOUR).cast(pl.String),
        pl.lit(":"),
        parts[0],
        pl.lit(":"),
        parts[1],
        pl.when(passed % SECOND == 0).then(pl.lit("")).otherwise(pl.lit(".") + fraction),
    )
    return nanos.to_frame().select(text.alias("d")).to_series()


def _decimals(array: Any, decimal: str) -> pl.Series:
    kind = array.type
    if pa.types.is_decimal256(kind) or kind.scale < 0:  # what Polars cannot hold
        return _texts([_decimal(value, decimal) for value in array.to_pylist()])
    return pl.Series(array.cast(pa.decimal128(kind.precision, kind.scale)))


def _floats(array: Any, _: str) -> pl.Series:
    return pl.Series(array.cast(pa.float32()) if pa.types.is_float16(array.type) else array)


def _decimal(value: Decimal | None, decimal: str) -> str | None:
    return None if value is None else format(value, "f").replace(".", decimal)


SPELLED: dict[Kind | None, Callable[[Any, str], pl.Series]] = {
    Kind.TEXT: lambda array, _: pl.Series(array.cast(pa.large_string())),
    Kind.FLOAT: _floats,
    Kind.DECIMAL: _decimals,
    Kind.DATE: lambda array, _: pl.Series(array.cast(pa.date32())).dt.strftime("%Y-%m-%d"),
    Kind.TIME: lambda array, _: pl.Series(array).dt.strftime("%H:%M:%S%.f"),
    Kind.DURATION: _durations,
}


def _spelled_value(reader: TableReader, column: ReadColumn, value: object, decimal: str) -> str | None:
    """One value of a column of several kinds."""
    check_value(reader, column, value)
    if isinstance(value, NESTED):
        reader.note("nested", column, 1, JSON)
        return json_text(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(column.zone).replace(tzinfo=None)
    kind = None if value is None else kind_of(value)
    return None if kind is None else VALUES[kind](value, decimal)


VALUES: dict[Kind, Callable[[Any, str], str]] = {
    Kind.TEXT: lambda value, _: str(value),
    Kind.BOOLEAN: lambda value, _: "true" if value else "false",
    Kind.INTEGER: lambda value, _: str(int(value)),
    Kind.FLOAT: lambda value, decimal: repr(float(value)).replace(".", decimal),
    Kind.DECIMAL: lambda value, decimal: format(value, "f").replace(".", decimal),
    Kind.DATE: lambda value, _: value.isoformat(),
    Kind.DATETIME: lambda value, _: value.isoformat(sep=" "),
    Kind.TIME: lambda value, _: value.isoformat(),
    Kind.DURATION: lambda value, decimal: str(_durations(pa.array([value], pa.duration("us")), decimal)[0]),
}
