"""Frames of every accepted library as columns of a kind, read slice by slice. Knows no file format."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias
from weakref import WeakSet

import polars as pl
import pyarrow as pa

from reports.blocks import Table
from reports.errors import BadColumnType, BadFrame, FrameIsSpent, UnknownColumn
from reports.frames import checked_names, frame_library
from reports.number_formats.formats import Kind
from reports.preflight import Preflight
from reports.tables.arrays import (
    MAX_PRECISION,
    arrow_kind,
    is_nested,
    one_array,
    value_type,
    zone_name,
    zone_of,
)
from reports.tables.objects import Objects, zones_of

WIDE = (pl.Int128, pl.UInt128)
READ: WeakSet[Any] = WeakSet()  # streams that this process has begun to read; they cannot begin again
Values: TypeAlias = "pa.Array | Objects"  # a slice of a column: Arrow's, or Python values of several kinds


@dataclass(frozen=True)
class TableColumn:
    """`kind` is None where a column mixes kinds. `zone`: its datetimes are instants, shown there by default."""

    name: str
    kind: Kind | None
    zone: str | None
    type: Any


@dataclass(frozen=True, eq=False)
class OpenTable:
    """A frame that is being read. `whole` holds its columns, or is None for a stream, which is read once."""

    columns: tuple[TableColumn, ...]
    rows: int | None
    whole: Sequence[Any] | None
    stream: Iterable[Any] = ()

    def slices(self, sizes: Iterator[int]) -> Iterator[list[Values]]:
        """The columns' values, as many rows at a time as `sizes` says; the last slice may be shorter."""
        return self._of_stream(sizes) if self.whole is None else self._of_whole(self.whole, sizes)

    def _of_whole(self, whole: Sequence[Any], sizes: Iterator[int]) -> Iterator[list[Values]]:
        start, rows = 0, self.rows or 0
        while start < rows:
            size = min(next(sizes), rows - start)
            yield [_part(column, start, size) for column in whole]
            start += size

    def _of_stream(self, sizes: Iterator[int]) -> Iterator[list[Values]]:
        held: list[Any] = []
        rows, wanted = 0, next(sizes)
        for batch in self.stream:
            held.append(batch)
            rows += batch.num_rows
            while rows >= wanted:
                table = pa.Table.from_batches(held)
                yield [one_array(column) for column in table.slice(0, wanted).columns]
                held, rows = table.slice(wanted).to_batches(), rows - wanted
                wanted = next(sizes)
        if rows:
            yield [one_array(column) for column in pa.Table.from_batches(held).columns]


def open_table(sheet: str, table: Table, preflight: Preflight) -> OpenTable:
    """Raises BadWorkbook naming the sheet and what is wrong in the frame."""
    library = frame_library(sheet, table.frame)
    frame: Any = table.frame
    if library == "pandas":
        from reports.tables.pandas_frames import columns_of  # noqa: PLC0415 # slow to load, and not always there

        names = _names(sheet, list(frame.columns), preflight)
        whole = columns_of(sheet, frame, names)
        return _opened(sheet, names, whole, len(frame), preflight)
    if library == "polars":
        frame = _arrow_table(sheet, frame.collect() if hasattr(frame, "collect") else frame)
    if isinstance(frame, pa.Table | pa.RecordBatch):
        names = _names(sheet, frame.schema.names, preflight)
        return _opened(sheet, names, frame.columns, frame.num_rows, preflight)
    return _opened_stream(sheet, frame, table, preflight)


def _arrow_table(sheet: str, frame: pl.DataFrame) -> pa.Table:
    """Integers of 128 bits, which Arrow lacks, as decimals: a cell holds fewer digits than both."""
    if not any(dtype in WIDE for dtype in frame.dtypes):
        return frame.to_arrow()
    wide = pl.col(WIDE)
    try:
        return frame.with_columns(wide.cast(pl.Decimal(MAX_PRECISION, 0))).to_arrow()
    except pl.exceptions.InvalidOperationError:
        names = ", ".join(frame.select(wide).columns)
        raise BadColumnType(sheet, names, f"integers of more than {MAX_PRECISION} digits") from None


def _opened(
    sheet: str, names: Sequence[str], whole: Sequence[Any], rows: int, preflight: Preflight
) -> OpenTable:
    columns = tuple(
        _objects_column(sheet, name, column)
        if isinstance(column, Objects)
        else _arrow_column(sheet, name, column.type, preflight)
        for name, column in zip(names, whole, strict=True)
    )
    return OpenTable(columns, rows, whole)


def _opened_stream(sheet: str, frame: Any, table: Table, preflight: Preflight) -> OpenTable:
    _refuse_a_second_reading(sheet, frame)
    if isinstance(frame, pa.RecordBatchReader):
        schema, batches = frame.schema, iter(frame)
    else:
        first = next(frame, None)
        if first is None:
            raise FrameIsSpent(sheet)
        if not isinstance(first, pa.RecordBatch | pa.Table):
            raise BadFrame(sheet, f"its iterator gives {type(first).__name__}; it must give record batches")
        schema, batches = first.schema, chain([first], frame)
    names = _names(sheet, schema.names, preflight)
    for column in table.named_columns:
        if column not in names:
            raise UnknownColumn(sheet, column, names)
    columns = tuple(
        _arrow_column(sheet, name, kind, preflight) for name, kind in zip(names, schema.types, strict=True)
    )
    return OpenTable(columns, None, None, _same_schema(sheet, schema, batches))


def _refuse_a_second_reading(sheet: str, stream: Any) -> None:
    """pyarrow's reader gives no batch the second time, and says nothing; a half-read one gives the rest."""
    try:
        if stream in READ:
            raise FrameIsSpent(sheet)
        READ.add(stream)
    except TypeError:
        return  # of other iterators than readers and generators nothing can be remembered


def _same_schema(sheet: str, schema: Any, batches: Iterable[Any]) -> Iterator[Any]:
    for batch in batches:
        if not batch.schema.equals(schema):
            raise BadFrame(sheet, f"a later record batch has other columns ({batch.schema.names})")
        yield from batch.to_batches() if isinstance(batch, pa.Table) else [batch]


def _names(sheet: str, given: Sequence[object], preflight: Preflight) -> tuple[str, ...]:
    names = checked_names(sheet, given, repeated=preflight.duplicate_columns == "number")
    taken: set[str] = set(names)
    unique: list[str] = []
    for name in names:
        number, free = 1, name
        while free in unique:
            number += 1
            free = f"{name} ({number})" if f"{name} ({number})" not in taken else free
        unique.append(free)
    return tuple(unique)


def _part(column: Any, start: int, size: int) -> Values:
    part = column.slice(start, size)
    return part if isinstance(part, Objects) else one_array(part)


def _arrow_column(sheet: str, name: str, kind_of_arrow: Any, preflight: Preflight) -> TableColumn:
    if is_nested(kind_of_arrow) and preflight.nested == "json":
        return TableColumn(name, Kind.TEXT, None, kind_of_arrow)
    kind = arrow_kind(kind_of_arrow)
    if kind is None:
        raise BadColumnType(sheet, name, f"a column of type {kind_of_arrow}")
    return TableColumn(name, kind, zone_of(kind_of_arrow), value_type(kind_of_arrow))


def _objects_column(sheet: str, name: str, column: Objects) -> TableColumn:
    zones = zones_of(column.values)
    if None in zones and len(zones) > 1:
        raise BadColumnType(sheet, name, "datetimes of which only some have a time zone")
    zone = next(iter(sorted(map(zone_name, zones))), None) if zones - {None} else None
    return TableColumn(name, None, zone, None)
