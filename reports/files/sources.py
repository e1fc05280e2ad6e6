"""Tables out of .parquet and .arrow files of any size. Knows no format that is written."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from presstime.errors import PresstimeError
from reports.tables.arrays import value_type

IN_MEMORY = 128 * 1024**2  # bytes; a larger table is laid out on disk and mapped
READ = 65_536  # rows at a time
LONGEST_REASON = 200  # characters
DAMAGED = (pa.ArrowException, OSError, ValueError)


class SourceRefused(PresstimeError):
    """A file is no table that can be read."""

    def __init__(self, path: Path, reason: object) -> None:
        self.path = path
        super().__init__(f"{path}: {' '.join(str(reason).split())[:LONGEST_REASON]}")


@dataclass(frozen=True)
class _Source:
    schema: Any
    bytes: int  # about as many as the table takes in memory
    batches: Iterable[Any]


@contextmanager
def opened_table(path: Path) -> Iterator[Any]:
    """The file as one pyarrow.Table. Memory stays the same however large it is: formats are chosen by all of it.

    Raises SourceRefused.
    """
    _check(path)
    with ExitStack() as stack:
        try:
            source = OPENERS[path.suffix.lower()](path, stack)
            schema = pa.schema([(column.name, value_type(column.type)) for column in source.schema])
            batches = (_plain(batch, schema) for batch in source.batches)
            if source.bytes <= IN_MEMORY:
                table = pa.Table.from_batches(batches, schema)
            else:
                table = _mapped(schema, batches, stack)
        except DAMAGED as error:
            raise SourceRefused(path, f"it cannot be read as {path.suffix}: {error}") from error
        yield table


def _check(path: Path) -> None:
    if not path.exists():
        raise SourceRefused(path, "there is no such file")
    if not path.is_file():
        raise SourceRefused(path, "it is no file")
    if path.suffix.lower() not in OPENERS:
        known = ", ".join(OPENERS)
        raise SourceRefused(
            path, f"tables are read from {known} files, whose columns have types; this is none"
        )
    if not path.stat().st_size:
        raise SourceRefused(path, "the file is empty (0 bytes)")


def _open_parquet(path: Path, stack: ExitStack) -> _Source:
    file = stack.enter_context(pq.ParquetFile(path, memory_map=True))
    groups = range(file.metadata.num_row_groups)
    size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
    return _Source(file.schema_arrow, size, file.iter_batches(READ))


def _open_arrow(path: Path, stack: ExitStack) -> _Source:
    """The file format, which feather is too, or the stream format."""
    mapped = stack.enter_context(pa.memory_map(str(path)))
    size = path.stat().st_size
    try:
        reader = stack.enter_context(pa.ipc.open_file(mapped))
    except pa.ArrowInvalid:
        mapped.seek(0)
        stream = stack.enter_context(pa.ipc.open_stream(mapped))
        return _Source(stream.schema, size, stream)
    return _Source(
        reader.schema, size, (reader.get_batch(place) for place in range(reader.num_record_batches))
    )


def _plain(batch: Any, schema: Any) -> Any:
    """Categories as what they stand for: each part of a file may have others."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _mapped(schema: Any, batches: Iterable[Any], stack: ExitStack) -> Any:
    """The table in a temporary file that the system reads as it is needed."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="presstime-"))
    path = f"{folder}/table.arrow"
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    mapped: AbstractContextManager[Any] = pa.memory_map(path)
    return pa.ipc.open_stream(stack.enter_context(mapped)).read_all()


OPENERS = {".parquet": _open_parquet, ".arrow": _open_arrow, ".feather": _open_arrow, ".ipc": _open_arrow}
