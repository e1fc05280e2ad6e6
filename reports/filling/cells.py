"""Rows and cells of a template's sheet as plain values. Knows nothing of what fills them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from openpyxl.formula.translate import Translator

from reports.excel.letters import column_letter
from reports.filling.boxes import box, corner
from reports.filling.package import local, main

ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
LEFT_OUT = frozenset({"r", "spans"})
OWN = frozenset({"r", "s", "t"})
NOTHING = object()


@dataclass
class FormulaText:
    text: str
    attributes: dict[str, str] = field(default_factory=dict)  # of an array or a data table

    @property
    def kind(self) -> str:
        return self.attributes.get("t", "normal")


@dataclass
class SourceCell:
    """`text` is what a reader sees where the cell holds text; `runs` are its formatted pieces, if any."""

    column: int
    style: int
    kind: str
    attributes: str
    value: str | None = None
    text: str | None = None
    runs: Sequence[Any] = ()
    formula: FormulaText | None = None
    inline: Any = None
    more: str = ""
    kept: bool = False  # Excel's own text: that of a pivot table
    given: Any = NOTHING  # what a frame has for this very cell

    @property
    def blank(self) -> bool:
        return self.value is None and self.formula is None and self.inline is None and self.given is NOTHING


@dataclass
class SourceRow:
    number: int
    attributes: dict[str, str]
    cells: list[SourceCell] = field(default_factory=list)


class SharedText:
    """The workbook's shared strings, looked up by number."""

    def __init__(self, root: Any) -> None:
        self._items = [] if root is None else [item for item in root if local(item) == "si"]

    def item(self, number: int) -> Any:
        return self._items[number]


def source_rows(sheet: Any, shared: SharedText) -> list[SourceRow]:
    """All rows of the sheet; shared formulas become formulas of their own."""
    rows = []
    data = sheet.find(main("sheetData"))
    masters: dict[str, tuple[str, str]] = {}
    number = 0
    for element in () if data is None else data:
        if local(element) != "row":
            continue
        number = int(element.get("r", number + 1))
        row = SourceRow(
            number, {_prefixed(element, k): v for k, v in element.attrib.items() if k not in LEFT_OUT}
        )
        for cell in element:
            if local(cell) == "c":
                last = row.cells[-1].column if row.cells else 0
                row.cells.append(_cell(cell, number, last, shared, masters))
        rows.append(row)
    return rows


def _cell(
    element: Any, row: int, last: int, shared: SharedText, masters: dict[str, tuple[str, str]]
) -> SourceCell:
    place = corner(element.get("r", ""))
    column = (place.column if place else None) or last + 1
    others = "".join(
        f" {_prefixed(element, k)}={quoteattr(v)}" for k, v in element.attrib.items() if k not in OWN
    )
    cell = SourceCell(column, int(element.get("s", "0")), element.get("t", "n"), others)
    for child in element:
        name = local(child)
        if name == "v":
            cell.value = child.text
        elif name == "is":
            cell.inline = child
        elif name == "f":
            cell.formula = _formula(child, f"{column_letter(column)}{row}", masters)
        elif name:
            cell.more += etree.tostring(child, with_tail=False).decode()
    _read_text(cell, shared)
    return cell


def _read_text(cell: SourceCell, shared: SharedText) -> None:
    item = cell.inline
    if cell.kind == "s" and cell.value is not None:
        item = shared.item(int(cell.value))
    if item is not None:
        cell.runs = [child for child in item if local(child) == "r"]
        pieces = [item, *cell.runs]
        cell.text = unescaped("".join(t.text or "" for one in pieces for t in one if local(t) == "t"))
    elif cell.kind == "str" and cell.formula is None:
        cell.text = unescaped(cell.value or "")


def _formula(element: Any, cell: str, masters: dict[str, tuple[str, str]]) -> FormulaText:
    attributes = {_prefixed(element, name): value for name, value in element.attrib.items()}
    text = element.text or ""
    if attributes.get("t") == "shared":
        number = attributes.get("si", "")
        if text:
            masters[number] = (text, cell)
        elif number in masters:
            origin = masters[number]
            text = Translator(f"={origin[0]}", origin=origin[1]).translate_formula(cell)[1:]
        kept = {"ca"} & attributes.keys()
        return FormulaText(text, {name: attributes[name] for name in kept})
    return FormulaText(text, attributes)


def unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _prefixed(element: Any, name: str) -> str:
    """An attribute's name as it stands in the file."""
    if not name.startswith("{"):
        return name
    space, _, plain = name[1:].partition("}")
    return next(
        (f"{prefix}:{plain}" for prefix, uri in element.nsmap.items() if uri == space and prefix), plain
    )


@dataclass(frozen=True)
class Tags:
    """How elements are spelled in this part: with a prefix, or without."""

    prefix: str = ""

    def cell(
        self, column: str, row: int, style: int, *, kind: str = "n", inner: str = "", attributes: str = ""
    ) -> str:
        p = self.prefix
        styled = f' s="{style}"' if style else ""
        typed = f' t="{kind}"' if kind != "n" else ""
        start = f'<{p}c r="{column}{row}"{styled}{typed}{attributes}'
        return f"{start}>{inner}</{p}c>" if inner else f"{start}/>"

    def value(self, text: str) -> str:
        return f"<{self.prefix}v>{escape(text)}</{self.prefix}v>"

    def text(self, text: str) -> str:
        """Text of one format, `text` escaped as the file wants it."""
        p = self.prefix
        keep = ' xml:space="preserve"' if text[:1] <= " " or text[-1:] <= " " or "\n" in text else ""
        return f"<{p}is><{p}t{keep}>{_carriage(escape(text))}</{p}t></{p}is>"

    def formula(self, text: str, attributes: Mapping[str, str]) -> str:
        told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        p = self.prefix
        return f"<{p}f{told}>{escape(text)}</{p}f>" if text else f"<{p}f{told}/>"

    def row(self, number: int, attributes: Mapping[str, str], cells: str) -> str:
        told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        p = self.prefix
        return f'<{p}row r="{number}"{told}>{cells}</{p}row>' if cells else f'<{p}row r="{number}"{told}/>'


def _carriage(text: str) -> str:
    return text.replace("\r", "&#13;") if "\r" in text else text


def boxes_of(text: str) -> Iterator[Any]:
    for part in text.split():
        if (found := box(part)) is not None:
            yield found
