"""Compares a frame that came back from storage with the one that went in. Knows no file."""

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.results.values import difference as value_difference

PLAIN = frozenset("?bhilqBHILQfd")  # characters of numpy's booleans, integers, and floats of 32 and 64 bits


def is_plain(frame: pd.DataFrame) -> bool:
    """Return whether Arrow carries each of its types and its index as they are, whatever the values."""
    index = frame.index
    counted = type(index) is pd.RangeIndex and index.name is None and (index.start, index.step) == (0, 1)
    named = frame.columns.dtype == "str" and frame.columns.name is None
    return counted and named and all(_is_plain_type(dtype) for dtype in set(frame.dtypes))


def _is_plain_type(dtype: Any) -> bool:  # numpy's or an extension's
    return dtype == "str" or getattr(dtype, "char", None) in PLAIN


def frame_difference(returned: Any, back: Any) -> str | None:  # two frames of one class
    """Return where two frames differ: in shape, types, index or values; None for equal ones. NaN equals NaN."""
    if isinstance(returned, pd.DataFrame):
        return _shape(returned.shape, back.shape) or _index(returned, back) or _pandas(returned, back)
    if isinstance(returned, pl.LazyFrame):  # running it again to compare could give other rows
        return _schema(dict(returned.collect_schema()), dict(back.collect_schema()))
    if isinstance(returned, pl.DataFrame):
        return _shape(returned.shape, back.shape) or _polars(returned, back)
    return _shape(returned.shape, back.shape) or _arrow(returned, back)


def _shape(returned: tuple[int, int], back: tuple[int, int]) -> str | None:
    if returned == back:
        return None
    return f"returned {returned[0]} rows of {returned[1]} columns, came back as {back[0]} of {back[1]}"


def _schema(returned: dict[Any, Any], back: dict[Any, Any]) -> str | None:
    if list(returned) != list(back):
        return f"columns: returned {list(returned)}, came back as {list(back)}"
    for name, dtype in returned.items():
        if dtype != back[name]:
            return f"column {name!r}: returned {dtype}, came back as {back[name]}"
    return None


def _index(returned: pd.DataFrame, back: pd.DataFrame) -> str | None:
    for what, one, other in (
        ("columns", returned.columns, back.columns),
        ("index", returned.index, back.index),
    ):
        same_names = list(one.names) == list(other.names)
        if not same_names or not _same_dtype(one, other) or not one.equals(other):
            return f"{what}: returned {_brief(one)}, came back as {_brief(other)}"
    return None


def _same_dtype(one: pd.Index, other: pd.Index) -> bool:
    if isinstance(one, pd.MultiIndex) and isinstance(other, pd.MultiIndex):
        return list(one.dtypes) == list(other.dtypes)
    return bool(one.dtype == other.dtype)


def _brief(index: pd.Index) -> str:
    names = f" named {index.name!r}" if index.name is not None else ""
    shown = ", ".join(repr(label) for label in index[:5])
    return f"[{shown}{', ...' if len(index) > 5 else ''}] ({index.dtype}){names}"


def _pandas(returned: pd.DataFrame, back: pd.DataFrame) -> str | None:
    if object not in set(returned.dtypes) and returned.equals(back):
        return None  # several times as fast as column by column, for a small frame
    for position, name in enumerate(returned.columns):
        one, other = returned.iloc[:, position], back.iloc[:, position]
        if one.dtype != other.dtype:
            return f"column {name!r}: returned {one.dtype}, came back as {other.dtype}"
        if not one.equals(other) or (one.dtype == object and not _same_kinds(one, other)):
            return _first_difference(name, list(one), list(other))
    return None


def _same_kinds(one: "pd.Series[Any]", other: "pd.Series[Any]") -> bool:
    """Whether objects are of the same classes; a missing one is None or NaN alike."""
    seen = one.notna()
    return bool((one[seen].map(type) == other[seen].map(type)).all())


def _first_difference(name: object, one: list[object], other: list[object]) -> str:
    for row, (given, found) in enumerate(zip(one, other, strict=True)):
        if unequal := value_difference(given, found, f"row {row}"):
            return f"column {name!r}, {unequal}"
    return f"column {name!r}: its values came back changed"


def _polars(returned: pl.DataFrame, back: pl.DataFrame) -> str | None:
    if found := _schema(dict(returned.schema), dict(back.schema)):
        return found
    for name in returned.columns:
        if not returned[name].equals(back[name], null_equal=True):
            return _first_difference(name, returned[name].to_list(), back[name].to_list())
    return None


def _arrow(returned: pa.Table, back: pa.Table) -> str | None:
    types = [dict(zip(side.column_names, side.schema.types, strict=True)) for side in (returned, back)]
    if returned.column_names != back.column_names or types[0] != types[1]:
        return _schema(types[0], types[1])
    for name in returned.column_names:
        one, other = returned.column(name), back.column(name)
        if not one.equals(other) and not _equal_but_nan(one, other):
            return _first_difference(name, one.to_pylist(), other.to_pylist())
    return None


def _equal_but_nan(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Arrow says NaN differs from itself, so those are compared as positions and taken out."""
    if not pa.types.is_floating(one.type):
        return value_difference(one.to_pylist(), other.to_pylist()) is None
    positions = [pc.fill_null(pc.is_nan(side), False) for side in (one, other)]
    rest = [pc.if_else(position, None, side) for position, side in zip(positions, (one, other), strict=True)]
    return bool(
        positions[0].equals(positions[1]) and rest[0].equals(rest[1]) and one.null_count == other.null_count
    )
