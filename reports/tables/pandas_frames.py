"""A pandas frame as Arrow columns, or as Python values where a column of objects mixes kinds."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from reports.errors import BadColumnType, BadFrame
from reports.number_formats.formats import Kind
from reports.tables.arrays import TARGETS
from reports.tables.objects import Objects, kind_of


def columns_of(sheet: str, frame: pd.DataFrame, names: Sequence[str]) -> list[Any]:
    """Arrow arrays and Objects, by place. Raises BadFrame for an index that carries something."""
    _refuse_to_lose_the_index(sheet, frame.index)
    return [_column(sheet, name, frame.iloc[:, place]) for place, name in enumerate(names)]


def typed_objects(items: Sequence[object]) -> "pa.Array | Objects":
    """An Arrow array where every value is of one kind that Arrow holds without loss, else the plain values."""
    values = [plain(item) for item in items]
    kinds = {kind_of(value) for value in values if value is not None}
    if len(kinds) > 1 or kinds & {None, Kind.FORMULA}:
        return Objects(values)
    kind = kinds.pop() if kinds else Kind.TEXT
    if (
        kind is Kind.DATETIME
        and len({value.tzinfo is None for value in values if isinstance(value, datetime)}) > 1
    ):
        return Objects(values)
    try:
        array = pa.array(values, TARGETS.get(kind or Kind.TEXT))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return Objects(values)  # an integer beyond 64 bits, say: the one who writes it names its cell
    # So do decimals whose exponents lie far apart, though each may have few digits.
    return Objects(values) if pa.types.is_decimal256(array.type) else array


def plain(item: object) -> object:
    """A scalar without numpy and pandas around it; every way to say `missing` becomes None."""
    if item is None or item is pd.NA or item is pd.NaT:
        return None
    if isinstance(item, np.datetime64):
        return plain(pd.Timestamp(item))
    if isinstance(item, np.timedelta64):
        return plain(pd.Timedelta(item))
    if isinstance(item, np.generic):
        return plain(item.item())
    if (isinstance(item, float) and isnan(item)) or (isinstance(item, Decimal) and item.is_nan()):
        return None
    return str.__str__(item) if isinstance(item, str) else item


def _column(sheet: str, name: str, series: Any) -> Any:
    if series.dtype == object:
        return typed_objects(series.tolist())
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        raise BadColumnType(sheet, name, str(series.dtype)) from error


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
