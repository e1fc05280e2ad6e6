"""Rows of an .xlsx file, of which only the parts are opened that are needed, and those only as far as needed.

openpyxl's read-only mode reads every shared text and all styles first, and of a sheet without `dimension` every
row, before it gives one; and it is most of a second until it is loaded.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO
from zipfile import ZipFile

from reports.reading.book import SheetInfo
from reports.reading.markup import Element, elements, whole
from reports.reading.sheet_cells import Formats, read_row, string_of

MOST_OF_SHEET = 32 * 1024**2  # bytes of XML: a thousand rows of two hundred long cells
MOST_OF_STRINGS = 256 * 1024**2  # bytes of XML; they are read past, not kept, up to those that are shown
HEAD = 4096  # bytes in which a sheet says how long it is
MEASURED = 20  # sheets that are asked for their length; each is a request to a store that is far away
DIMENSION = re.compile(rb'<(?:\w+:)?dimension\b[^>]*\bref="[A-Z]+\d+:[A-Z]+(\d+)"')


@dataclass(frozen=True)
class _Relation:
    kind: str  # the end of its type: worksheet, styles, ...
    part: str


class WorkbookBook:
    """An .xlsx file. Cells with formulas have the value that was stored with them."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        main = [one.part for one in self._related("").values() if one.kind == "officeDocument"]
        if not main:
            raise ValueError("it holds no workbook")
        self._relations = self._related(main[0])
        with archive.open(main[0]) as stream:
            self._root = whole(stream)
        self._parts = dict(self._worksheets())

    @cached_property
    def sheets(self) -> Sequence[SheetInfo]:
        """Worksheets, in their order; sheets that are a chart have no cells."""
        hidden = {one.get("name"): one.get("state", "visible") != "visible" for one in self._listed()}
        return [
            SheetInfo(name, self._declared_rows(part) if place < MEASURED else None, hidden[name])
            for place, (name, part) in enumerate(self._parts.items())
        ]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """Row 1 first; those that the file leaves out are empty."""
        number = 0
        with self._archive.open(self._parts[sheet]) as stream:
            for element in elements(stream, "row", most=MOST_OF_SHEET):
                stated = int(element.get("r") or 0)
                while number + 1 < stated:
                    number += 1
                    yield ()
                number += 1
                yield read_row(element, columns, self._strings, self._formats)

    @cached_property
    def _formats(self) -> Formats:
        settings = self._root.find("{*}workbookPr")
        since_1904 = settings is not None and settings.get("date1904") in {"1", "true"}
        part = self._part("styles")
        if part is None:
            return Formats.of(None, since_1904=since_1904)
        with self._archive.open(part) as stream:
            return Formats.of(whole(stream), since_1904=since_1904)

    @cached_property
    def _strings(self) -> "SharedStrings":
        return SharedStrings(self._archive, self._part("sharedStrings"))

    def _worksheets(self) -> Iterator[tuple[str, str]]:
        for sheet in self._listed():
            key = next((value for name, value in sheet.attrib.items() if str(name).endswith("}id")), "")
            relation = self._relations.get(str(key))
            if relation is not None and relation.kind == "worksheet":
                yield sheet.get("name") or "", relation.part

    def _listed(self) -> Iterator[Element]:
        return self._root.iter("{*}sheet")

    def _declared_rows(self, part: str) -> int | None:
        with self._archive.open(part) as stream:
            found = DIMENSION.search(stream.read(HEAD))
        return int(found[1]) if found else None

    def _part(self, kind: str) -> str | None:
        return next((one.part for one in self._relations.values() if one.kind == kind), None)

    def _related(self, part: str) -> dict[str, _Relation]:
        """What a part of the archive refers to, by id."""
        folder, name = posixpath.split(part)
        with self._archive.open(posixpath.join(folder, "_rels", f"{name}.rels")) as stream:
            root = whole(stream)
        return {
            one.get("Id", ""): _Relation(
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/"),
            )
            for one in root.iter("{*}Relationship")
        }


class SharedStrings:
    """The texts that cells refer to by number, read up to the highest number that was asked for."""

    def __init__(self, archive: ZipFile, part: str | None) -> None:
        self._texts = self._read(archive, part) if part is not None else iter(())
        self._known: list[str] = []

    def __getitem__(self, number: int) -> str:
        while number >= len(self._known):
            text = next(self._texts, None)
            if text is None:
                raise ValueError(f"a cell refers to text {number}, of which there are {len(self._known)}")
            self._known.append(text)
        return self._known[number]

    @staticmethod
    def _read(archive: ZipFile, part: str) -> Iterator[str]:
        with archive.open(part) as stream:
            for element in elements(stream, "si", most=MOST_OF_STRINGS):
                yield string_of(element)


def open_workbook(file: BinaryIO) -> WorkbookBook:
    return WorkbookBook(ZipFile(file))
