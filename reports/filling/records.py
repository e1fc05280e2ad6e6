"""Frames and lists of mappings as records, or as columns. Knows no cells."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.errors import BadFrame
from reports.excel.values import Unwritable
from reports.frames import ACCEPTED, is_stream
from reports.tables.objects import Objects, kind_of


def is_frame(value: object) -> bool:
    return is_stream(value) or any(
        (kind.__module__.partition(".")[0], kind.__name__) in ACCEPTED for kind in type(value).__mro__
    )


def is_rows(value: object) -> bool:
    """Whether a name of this value stands for rows: a frame, or a list of mappings."""
    return is_frame(value) or (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and all(isinstance(one, Mapping) for one in value)
    )


def columns(place: str, value: Any) -> dict[str, list[object]]:
    """The frame's columns as Python values, None where missing."""
    if not is_frame(value):
        keys = {str(name): None for record in value for name in record}
        return {name: [record.get(name) for record in value] for name in keys}
    names, arrays = _arrays(place, value)
    if len(set(names)) < len(names):
        raise BadFrame(place, "the frame has a column's name twice; rename one")
    return {name: _values(array) for name, array in zip(names, arrays, strict=True)}


def records(place: str, value: Any) -> list[Mapping[str, Any]]:
    if not is_frame(value):
        return list(value)
    by_name = columns(place, value)
    names = list(by_name)
    return [dict(zip(names, row, strict=True)) for row in zip(*by_name.values(), strict=True)]


def _arrays(place: str, value: Any) -> tuple[list[str], list[Any]]:
    library = type(value).__module__.partition(".")[0]
    if any(kind.__module__.partition(".")[0] == "pandas" for kind in type(value).__mro__):
        from reports.tables.pandas_frames import columns_of  # noqa: PLC0415 # pandas is loaded by those who use it

        names = [str(name) for name in value.columns]
        return names, list(columns_of(place, value, names))
    if library == "polars":
        frame = value.collect() if hasattr(value, "collect") else value
        return list(frame.columns), list(frame.get_columns())
    import pyarrow as pa  # noqa: PLC0415

    table = value
    if is_stream(value):
        batches = list(value)
        if not batches:
            raise BadFrame(place, "its iterator has been read before, or is empty")
        table = pa.Table.from_batches(batches)
    return list(table.schema.names), list(table.columns)


def _values(array: Any) -> list[object]:
    if isinstance(array, Objects):
        return list(array.values)
    return list(array.to_list() if hasattr(array, "to_list") else array.to_pylist())


def plain(value: Any) -> Any:
    """A scalar of numpy or pandas as Python's own. Raises Unwritable for what is no single value."""
    if value is None or kind_of(value) is not None:
        return None if type(value).__name__ == "NaTType" else value
    if type(value).__module__.startswith("numpy") and hasattr(value, "item"):
        return value.item()
    if type(value).__name__ == "NAType":
        return None
    if isinstance(value, Mapping | list | tuple | set):
        raise Unwritable(
            f"it is a {type(value).__name__}, and a cell holds a single value; name a part of it"
        )
    raise Unwritable(f"Excel has no cell for {type(value).__name__}; turn it into text, a number or a date")
