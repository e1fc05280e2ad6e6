"""Joins the frames of a mapped step's items into one. Columns that differ are an error, not nulls."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.names import did_you_mean
from pipelines.results.frames import UNNAMED_INDEX, pandas_columns, pandas_metadata
from pipelines.results.promotion import widest
from presstime.errors import PresstimeError

PLAIN = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)} | {"float32", "float64"}
NULLABLE = {f"int{bits}": f"Int{bits}" for bits in (8, 16, 32, 64)}
NULLABLE |= {f"u{kind}": f"U{nullable}" for kind, nullable in NULLABLE.items()} | {"bool": "boolean"}
SAME_VALUES = {frozenset({"object", "str", "string"}): "str", frozenset({"bool", "boolean"}): "boolean"}

Part = tuple[str, pa.Table]  # the item's canonical JSON, and its rows


class PartsDiffer(PresstimeError):
    """The frames of two items cannot be laid under one another."""

    def __init__(self, item: str, reason: str) -> None:
        self.item = item
        super().__init__(f"item {item}: {reason}; make the step return the same columns whatever the item")


def join_tables(parts: Sequence[Part]) -> pa.Table:
    """The rows of all parts in their order; raises PartsDiffer naming the item and the column.

    A column that is all null takes the others' type; numbers, times and decimals widen where that is exact.
    An index of integers without a name only counts the rows of its part, so it is left out.
    """
    plain = [(item, without_counting_index(table)) for item, table in parts]
    names = _common_columns(plain)
    columns, types = [], {}
    for name in names:
        pieces = [(item, table.column(name)) for item, table in plain]
        columns.append(_join_column(name, pieces))
        types[name] = _with_missing(_pandas_type(name, plain), columns[-1])
    joined = pa.Table.from_arrays(columns, names=names)
    return joined.replace_schema_metadata(_metadata([table for _, table in plain], types))


def without_counting_index(table: pa.Table) -> pa.Table:
    levels = [name for name in table.column_names if name.startswith(UNNAMED_INDEX)]
    if len(levels) == 1 and pa.types.is_integer(table.schema.field(levels[0]).type):
        return table.drop_columns(levels)
    return table


def _common_columns(parts: Sequence[Part]) -> list[str]:
    first, expected = parts[0][0], parts[0][1].column_names
    for item, table in parts[1:]:
        missing = [name for name in expected if name not in table.column_names]
        extra = [name for name in table.column_names if name not in expected]
        faults = []
        if missing:
            faults.append(f"lacks the columns {', '.join(map(repr, missing))}")
        if extra:
            guess = did_you_mean(extra[0], missing)
            faults.append(f"has the columns {', '.join(map(repr, extra))}{guess}")
        if faults:
            raise PartsDiffer(item, f"its frame {' and '.join(faults)}, unlike that of item {first}")
    return list(expected)


def _join_column(name: str, pieces: Sequence[tuple[str, pa.ChunkedArray]]) -> pa.ChunkedArray:
    known = [(item, column) for item, column in pieces if column.null_count < len(column)]
    if not known:
        known = [piece for piece in pieces if not pa.types.is_null(piece[1].type)] or list(pieces)
    first, kind = known[0][0], known[0][1].type
    for item, column in known[1:]:
        wider = widest(kind, column.type)
        if wider is None:
            raise PartsDiffer(item, f"column {name!r} is {column.type}, but {kind} in item {first}")
        kind = wider
    if pa.types.is_dictionary(kind):
        return _join_categories(name, kind, pieces)
    chunks = [chunk for item, column in pieces for chunk in cast_column(name, item, column, kind).chunks]
    return pa.chunked_array(chunks, type=kind)


def cast_column(name: str, item: str, column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), kind)], type=kind)
    try:
        return column.cast(kind, safe=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise PartsDiffer(item, f"column {name!r} is {column.type}, not exact as {kind} ({error})") from error


def _join_categories(
    name: str, kind: pa.DataType, pieces: Sequence[tuple[str, pa.ChunkedArray]]
) -> pa.ChunkedArray:
    """Categories of all parts, in the order of their appearance; an order of their own must be one."""
    known: list[tuple[str, pa.Array]] = []
    for item, column in pieces:
        if pa.types.is_dictionary(column.type) and column.num_chunks:
            known.append((item, column.unify_dictionaries().chunk(0).dictionary.cast(kind.value_type)))
    if kind.ordered:
        for item, categories in known:
            if not categories.equals(known[0][1]):
                raise PartsDiffer(item, f"column {name!r} orders its categories unlike item {known[0][0]}")
    every = pc.unique(pa.chunked_array([categories for _, categories in known], type=kind.value_type))
    plain = [cast_column(name, item, column, kind.value_type) for item, column in pieces]
    chunks = [chunk for column in plain for chunk in column.chunks]
    places = pc.index_in(pa.chunked_array(chunks, type=kind.value_type).combine_chunks(), value_set=every)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(places, every, ordered=kind.ordered)])


def _pandas_type(name: str, parts: Sequence[Part]) -> str | None:
    """The pandas dtype of the joined column; None for what pandas makes of the Arrow type."""
    columns = [(table.column(name), pandas_columns(table.schema).get(name)) for _, table in parts]
    known = {kind for column, kind in columns if column.null_count < len(column)}
    kinds = known or {kind for _, kind in columns}
    if len(kinds) == 1:
        return kinds.pop()
    for alike, name_of_all in SAME_VALUES.items():
        if kinds <= alike:
            return name_of_all
    numbers = {kind.lower() for kind in kinds if kind}
    if None in kinds or not numbers <= PLAIN or kinds <= PLAIN:
        return None
    floats = any(kind.startswith("float") for kind in numbers)
    return "Float64" if floats else "Int64"


def _with_missing(kind: str | None, column: pa.ChunkedArray) -> str | None:
    """The dtype that also holds what is missing: pandas would turn integers into floats, and lose digits."""
    if kind is None or not column.null_count:
        return kind
    return NULLABLE.get(kind, kind)


def _metadata(tables: Sequence[pa.Table], types: dict[str, str | None]) -> dict[bytes, bytes]:
    """pandas' note on the joined frame: its dtypes, the kind of its columns' names, and its named indexes."""
    notes = [pandas_metadata(table.schema) for table in tables]
    if not all(notes):
        return {}
    note: dict[str, Any] = dict(notes[0])
    indexes = [name for name in note["index_columns"] if isinstance(name, str)]
    note["index_columns"] = [name for name in indexes if name in types]
    note["columns"] = [
        {**column, "numpy_type": types.get(column["field_name"]) or "object"}
        if types.get(column["field_name"]) != column["numpy_type"]
        else column
        for column in note["columns"]
        if column["field_name"] in types
    ]
    return {b"pandas": json.dumps(note).encode()}
