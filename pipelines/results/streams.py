"""Writes the frames that a generator yields into one Parquet file, one at a time. Knows no store."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.annotations import FrameForm
from pipelines.results.equality import frame_difference
from pipelines.results.frames import (
    COMPRESSION,
    FrameRefused,
    check_class,
    from_arrow,
    note_seconds,
    to_arrow,
)
from pipelines.results.joins import cast_column, without_counting_index


def write_stream(frames: Iterable[Any], form: FrameForm, path: Path) -> None:
    """Write the frames under one another. The first decides the columns; each must survive Arrow unchanged.

    An index of integers without a name counts anew through all of them.
    """
    writer: pq.ParquetWriter | None = None
    try:
        for number, frame in enumerate(frames, start=1):
            table = _checked(frame, form, number)
            if writer is None:
                writer = pq.ParquetWriter(path, note_seconds(table).schema, compression=COMPRESSION)
                schema = table.schema
            writer.write_table(note_seconds(_fitted(table, schema, number)))
    except pa.ArrowException as error:
        raise FrameRefused(f"{type(error).__name__}: {error}") from error
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise FrameRefused("the generator yielded none; yield an empty one with its columns, or raise Skip")


def _checked(frame: object, form: FrameForm, number: int) -> pa.Table:
    check_class(frame, form)
    table = to_arrow(frame, form)
    if found := frame_difference(frame, frame if form == "arrow" else from_arrow(table, form)):
        raise FrameRefused(f"frame {number} of the generator, {found}")
    return without_counting_index(table)


def _fitted(table: pa.Table, schema: pa.Schema, number: int) -> pa.Table:
    """The table with the columns and types of the first one; raises where that would change a value."""
    if set(table.column_names) != set(schema.names):
        raise FrameRefused(
            f"frame {number} of the generator has the columns {table.column_names}, "
            f"the first one had {schema.names}"
        )
    where = f"{number} of the generator"
    columns = [cast_column(field.name, where, table.column(field.name), field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
