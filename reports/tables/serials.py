"""Numbers of a column as spreadsheets count them: moments are days and parts of days. Knows no file format."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reports.number_formats.formats import SECONDS_PER_DAY, Kind
from reports.tables.buffers import int_values, present
from reports.tables.cells import Cells

SERIAL_OF_YEAR_1 = 693_594  # date.toordinal() minus this is Excel's serial, from 1900-03-01 on
SERIAL_OF_EPOCH = 25_569  # 1970-01-01
FIRST_SERIAL = 61  # 1900-03-01: before it Excel counts a day that never was, 1900-02-29
LAST_SERIAL = 2_958_465  # 9999-12-31
# Its last millisecond: a double has no microseconds there, and the next day would be one that Excel lacks.
LAST_MOMENT = LAST_SERIAL + (SECONDS_PER_DAY * 1_000 - 1) / (SECONDS_PER_DAY * 1_000)
MICROS = SECONDS_PER_DAY * 10**6  # of a day


def written_numbers(cells: Cells) -> pl.Series:
    """The numbers of a slice as they stand in the file, or as numbers that Polars writes so."""
    return NUMBERS[cells.kind](cells.array) if cells.kind in NUMBERS else pl.Series(cells.array)


def _dates(array: Any) -> pl.Series:
    return _with_nulls(int_values(array) + SERIAL_OF_EPOCH, array)


def _moments(array: Any) -> pl.Series:
    days, rest = np.divmod(int_values(array), MICROS)
    return _with_nulls(np.minimum((days + SERIAL_OF_EPOCH) + rest / MICROS, LAST_MOMENT), array)


def _parts_of_days(array: Any) -> pl.Series:
    return _with_nulls(int_values(array) / MICROS, array)


def _with_nulls(numbers: npt.NDArray[Any], array: Any) -> pl.Series:
    series = pl.Series(numbers)
    if not array.null_count:
        return series
    return series.zip_with(pl.Series(present(array)), pl.Series([None], dtype=series.dtype))


NUMBERS: dict[Kind | None, Callable[[Any], pl.Series]] = {
    Kind.DATE: _dates,
    Kind.DATETIME: _moments,
    Kind.TIME: _parts_of_days,
    Kind.DURATION: _parts_of_days,
    Kind.BOOLEAN: lambda array: pl.Series(array).cast(pl.UInt8),
}
