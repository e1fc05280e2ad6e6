"""Rows of .csv and .tsv files, alone or several in a zip archive. Every value stays the text that it is."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import IO, BinaryIO
from zipfile import ZipFile

from reports.reading.book import ONLY, ZIPPED, Bounded, SheetInfo

MOST = 32 * 1024**2  # bytes
SUFFIXES = (".csv", ".tsv")
DELIMITERS = ",;\t|"

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


class DelimitedBook:
    """Texts by name, each opened when its rows are asked for."""

    def __init__(self, texts: dict[str, Opener]) -> None:
        self._texts = texts

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(name) for name in self._texts]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """The header first. Nothing between two delimiters is None."""
        with self._texts[sheet]() as stream:
            raw = io.BufferedReader(Bounded(stream, MOST))
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            first = text.readline()
            lines = chain([first], text) if first else ()
            for row in csv.reader(lines, delimiter=_delimiter(first), strict=True):
                yield [value or None for value in row[:columns]]


def open_delimited(file: BinaryIO) -> DelimitedBook:
    """A report of several tables is an archive of such files, whatever its format is called."""
    signed = file.read(len(ZIPPED)) == ZIPPED
    file.seek(0)
    if signed:
        return open_archive(file)
    return DelimitedBook({ONLY: lambda: nullcontext(file)})


def open_archive(file: BinaryIO) -> DelimitedBook:
    """Each .csv or .tsv of the archive is a sheet, named by its path without the suffix."""
    archive = ZipFile(file)
    paths = [PurePosixPath(one.filename) for one in archive.infolist() if not one.is_dir()]
    members = [one for one in paths if one.suffix.lower() in SUFFIXES and one.parts[0] != "__MACOSX"]
    if not members:
        raise ValueError(f"it holds no {' or '.join(SUFFIXES)} file")
    stems = Counter(str(one.with_suffix("")) for one in members)
    names = {one: str(one if stems[str(one.with_suffix(""))] > 1 else one.with_suffix("")) for one in members}
    return DelimitedBook({name: partial(archive.open, str(member)) for member, name in names.items()})


def _delimiter(line: str) -> str:
    """The one that stands most often outside quotes in the first line."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)
