"""Rows of a Parquet file, read a batch at a time, and of no more columns than are shown."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from reports.reading.book import ONLY, SheetInfo

BATCH = 256  # rows; a preview of fifty needs one
BUFFER = 64 * 1024  # bytes; without it a column of a row group is read whole


class ParquetBook:
    def __init__(self, file: BinaryIO) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415 # half a second, which the readers of other formats save

        self._file = pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER)

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(ONLY, self._file.metadata.num_rows + 1)]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:  # noqa: ARG002 # there is only one
        """The names of the columns, then the rows."""
        names = self._file.schema_arrow.names[:columns]
        yield names
        for batch in self._file.iter_batches(batch_size=BATCH, columns=names, use_threads=False):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def open_parquet(file: BinaryIO) -> ParquetBook:
    return ParquetBook(file)
