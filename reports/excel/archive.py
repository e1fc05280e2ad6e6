"""A zip file with nothing in it that depends on the moment, compressed in a thread of its own."""
# ruff: noqa: SLF001 # zipfile has no public place for another compressor; this module is the one to know

import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reports.excel.deflate import Deflate, checksum, compressor

NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip entry can carry
UNIX = 3  # the system named in each entry, whichever one writes it
MODE = 0o600 << 16
SMALL = 1_000_000  # bytes
COPIED = 1_000_000  # bytes at a time
WAITING = 2  # pieces that may wait for the compressing thread: a few megabytes


class SteadyZip(ZipFile):
    """A zip file whose bytes follow from names and contents, and from the library that compresses."""

    def __init__(self, path: Path, deflate: Deflate = "small") -> None:
        super().__init__(path, "w")
        self.deflate = deflate

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *_: Any, **__: Any) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        with self.entry(name) as out:
            out.write(data.encode() if isinstance(data, str) else data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.entry(str(arcname)) as target:
            shutil.copyfileobj(source, target)

    @contextmanager
    def entry(self, name: str, *, huge: bool = False) -> Iterator["Entry"]:
        """A file to write an entry to; `huge` when it could pass 2 GiB, which its first bytes must say."""
        with self._opened(name, huge=huge) as target:
            out = Entry(target._fileobj, self.deflate)
            try:
                yield out
            finally:
                out.finish()
                out.tell(target)

    def add(self, name: str, entry: "Entry", spool: IO[bytes], *, huge: bool = False) -> None:
        """An entry that was compressed elsewhere, into `spool`."""
        with self._opened(name, huge=huge) as target:
            spool.seek(0)
            shutil.copyfileobj(spool, target._fileobj, COPIED)
            entry.tell(target)

    def _opened(self, name: str, *, huge: bool) -> Any:
        info = ZipInfo(name, NO_TIME)
        info.compress_type = ZIP_DEFLATED
        info.create_system = UNIX
        info.external_attr = MODE
        return self.open(info, "w", force_zip64=huge)


class Entry:
    """Takes bytes, or lists of buffers, and writes them compressed to a file."""

    def __init__(self, out: IO[bytes], deflate: Deflate) -> None:
        self._out = out
        self._compressor = compressor(deflate)
        self._checksum = checksum()
        self._crc = self._bytes = self._compressed = 0
        self._thread: threading.Thread | None = None
        self._waiting: queue.Queue[Sequence[bytes | memoryview] | None] = queue.Queue(WAITING)
        self._failure: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self._thread is None:
            self._compress(data)
        else:
            self.send([data])
        return len(data)

    def flush(self) -> None:
        """What openpyxl's writer asks of a file; nothing is held back here."""

    def send(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Compress in another thread, so that the next rows are made meanwhile. Raises what it met there.

        What is small is compressed at once: a thread would take longer to start.
        """
        if self._thread is None and self._bytes + sum(map(len, pieces)) < SMALL:
            for piece in pieces:
                self._compress(piece)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="deflate", daemon=True)
            self._thread.start()
        if self._failure is not None:
            raise self._failure
        self._waiting.put(pieces)

    def finish(self) -> None:
        """Wait until everything is compressed. Raises what went wrong there."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
            if self._failure is not None:
                raise self._failure
        self._put(self._compressor.flush())

    def tell(self, target: Any) -> None:
        """Let zipfile know what it would have counted itself."""
        target._compressor = FLUSHED
        target._crc, target._file_size, target._compress_size = self._crc, self._bytes, self._compressed

    def _run(self) -> None:
        while (pieces := self._waiting.get()) is not None:
            if self._failure is None:
                try:
                    for piece in pieces:
                        self._compress(piece)
                except BaseException as error:  # noqa: BLE001 # raised where the rows are made
                    self._failure = error

    def _compress(self, data: bytes | memoryview) -> None:
        self._put(self._compressor.compress(data))
        self._crc = self._checksum(data, self._crc)
        self._bytes += len(data)

    def _put(self, compressed: bytes) -> None:
        self._out.write(compressed)
        self._compressed += len(compressed)


class _Flushed:
    """A compressor that has nothing left."""

    def flush(self) -> bytes:
        return b""


FLUSHED = _Flushed()
