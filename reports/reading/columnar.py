"""Rows of a Parquet file, read a batch at a time, and of no more columns than are shown."""

import io
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile

from reports.reading.book import ONLY, ZIPPED, Book, Bounded, SheetInfo

BATCH = 256  # rows; a preview of fifty needs one
SUFFIX = ".parquet"
MOST = 256 * 1024**2  # bytes of an unpacked file
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


class ParquetArchive:
    """A zip archive of Parquet files, each a sheet named by its path without the suffix."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = ZipFile(file)
        paths = [PurePosixPath(one.filename) for one in self._archive.infolist()]
        self._paths = {str(path.with_suffix("")): str(path) for path in paths if path.suffix == SUFFIX}

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(name) for name in self._paths]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """Unpacked whole, because Parquet is read from its end."""
        with self._archive.open(self._paths[sheet]) as stream:
            body = io.BufferedReader(Bounded(stream, MOST)).read()
        yield from ParquetBook(io.BytesIO(body)).rows(sheet, columns)


def open_parquet(file: BinaryIO) -> Book:
    """A report of several tables is an archive, whatever its format is called."""
    archived = file.read(len(ZIPPED)) == ZIPPED
    file.seek(0)
    return ParquetArchive(file) if archived else ParquetBook(file)
