"""A zip file with nothing in it that depends on the moment, compressed in a thread of its own."""
# ruff: noqa: SLF001 # zipfile has no public place for another compressor; this module is the one to know

import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from typing_extensions import Buffer

from reports.excel.deflate import Deflate, checksum, compressor

NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip entry can carry
UNIX = 3  # the system named in each entry, whichever one writes it
MODE = 0o600 << 16
SMALL = 1_000_000  # bytes
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
        info = ZipInfo(name, NO_TIME)
        info.compress_type = ZIP_DEFLATED
        info.create_system = UNIX
        info.external_attr = MODE
        with self.open(info, "w", force_zip64=huge) as target:
            out = Entry(target, self.deflate)
            try:
                yield out
            finally:
                out.finish()


class Entry:
    """Takes bytes, or lists of buffers, and hands them compressed to a zip entry."""

    def __init__(self, target: Any, deflate: Deflate) -> None:
        self._target = target
        self._checksum = checksum()
        target._compressor = compressor(deflate)  # flushed by zipfile, when it closes the entry
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
        if self._thread is None and self._target._file_size + sum(map(len, pieces)) < SMALL:
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

    def _run(self) -> None:
        while (pieces := self._waiting.get()) is not None:
            if self._failure is None:
                try:
                    for piece in pieces:
                        self._compress(piece)
                except BaseException as error:  # noqa: BLE001 # raised where the rows are made
                    self._failure = error

    def _compress(self, data: Buffer) -> None:
        target = self._target
        compressed = target._compressor.compress(data)
        target._crc = self._checksum(data, target._crc)
        target._file_size += memoryview(data).nbytes
        target._compress_size += len(compressed)
        target._fileobj.write(compressed)
