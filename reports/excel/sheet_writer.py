"""One sheet's XML: openpyxl writes head and tail, parts write the rows between them, in their order."""
# ruff: noqa: SLF001 # openpyxl has no public place for rows made on the way; this module is the one to know

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from lxml.etree import Element
from openpyxl.cell import Cell
from openpyxl.cell.text import Text as RichText
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from reports.excel.archive import Entry
from reports.excel.extensions import BarExtension, extension_list, join_bars
from reports.excel.letters import cell_name
from reports.excel.marks import Marked, native_rule
from reports.excel.sparklines import SparklineGroup, groups_xml
from reports.excel.styles import Style
from reports.excel.values import has_outer_blanks
from reports.marks import DataBar, Mark

AUTHOR = "Presstime"  # of notes on cells
NOTE, LARGE_NOTE = (144, 60), (320, 140)  # pixels, wide and high
SHORT_NOTE = 50  # characters
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class Part(Protocol):
    """Some rows of a sheet."""

    def write(self, rows: "Rows", first: int) -> int:
        """Write rows from number `first` on; the number of the next free row."""
        ...


class PlainCell(Cell):
    """A cell that holds its text as it stands in the file, so that openpyxl neither guesses nor rounds.

    Cells of a row are written before the next row is made, so one object may serve a whole column.
    """

    __slots__ = ("_place", "_style_number")

    @property
    def written_formula(self) -> str | None:
        return None

    def __init__(self, ws: Worksheet, place: int, style: Style) -> None:
        super().__init__(ws, 1, place)
        self._style = style.array
        self._style_number = style.number
        self._place = place

    def put(self, row: int, text: str | None, data_type: str) -> "PlainCell":
        self.row = row
        self._value = text
        self.data_type = "n" if text is None else data_type  # a blank cell has no type
        return self

    def restyled(self, style: Style) -> "FormulaCell":
        """Another cell at this place, with its formula if it has one."""
        ws: Any = self.parent
        return FormulaCell(ws, self._place, style, self.written_formula)

    @property
    def coordinate(self) -> str:
        return cell_name(self.row, self._place)

    @property
    def style_id(self) -> int:
        return self._style_number

    @property
    def has_style(self) -> bool:
        return True


class FormulaCell(PlainCell):
    """A cell whose text is the value of a formula."""

    __slots__ = ("_formula",)

    def __init__(self, ws: Worksheet, place: int, style: Style, formula: str | None) -> None:
        super().__init__(ws, place, style)
        self._formula = formula

    @property
    def written_formula(self) -> str | None:
        return self._formula


class Rows:
    """The sheet that parts write to."""

    def __init__(self, writer: "SheetWriter", xf: Any) -> None:
        self.ws: Any = writer.ws
        self._writer = writer
        self._xf = xf

    def cells(
        self, row: int, cells: Sequence[PlainCell], height: float | None = None, level: int = 0
    ) -> None:
        """One row of cells, each placed in it. A height (points) is what Excel may change when text does.

        Rows of a level above 0 fold away.
        """
        own = {"outlineLevel": str(level)} if level else {}
        if height is not None:
            own["ht"] = str(height)
        self._writer.own[row] = own
        self._writer.write_row(self._xf, cells, row)

    @property
    def links(self) -> int:
        """Return how many cells are links so far."""
        return len(self.ws._hyperlinks)

    def link(self, row: int, place: int, to: str, *, outside: bool) -> None:
        """Make a cell clickable: an address, or a place in the workbook."""
        target = {"target": to} if outside else {"location": to}
        self.ws._hyperlinks.append(Hyperlink(ref=cell_name(row, place), **target))

    def merge(self, area: str) -> None:
        """Show the first cell of a range over all of it."""
        self.ws.merged_cells.add(area)

    def note(self, row: int, place: int, text: str) -> None:
        """Shown when the pointer rests on the cell."""
        width, height = LARGE_NOTE if len(text) > SHORT_NOTE else NOTE
        record = CommentRecord(
            cell_name(row, place), author=AUTHOR, text=RichText(t=text), width=width, height=height
        )
        self.ws._comments.append(record)

    def mark(self, mark: Mark, place: Marked, styles: Mapping[str, int]) -> None:
        """Add a conditional format."""
        area, rule = native_rule(mark, place, styles)
        self.ws.conditional_formatting.add(area, rule)
        if isinstance(mark, DataBar):
            self._writer.bars.append(BarExtension(self.ws.title, area, mark))

    def draw(self, groups: Iterable[SparklineGroup]) -> None:
        """Add sparklines."""
        self._writer.sparklines.extend(groups)

    @contextmanager
    def raw(self) -> Iterator[Entry]:
        """The file itself, for rows that are XML already."""
        self._xf.flush()
        yield self._writer.entry


class SheetWriter(WorksheetWriter):
    """`extent` is the sheet's range of cells; None where a stream tells it too late."""

    def __init__(self, ws: Worksheet, parts: Sequence[Part], extent: str | None, entry: Entry) -> None:
        self.entry = entry
        self.parts = parts
        self.extent = extent
        self.own: dict[int, dict[str, str]] = {}  # attributes of the row that is written
        self.bars: list[BarExtension] = []
        self.sparklines: list[SparklineGroup] = []
        super().__init__(ws, entry)  # type: ignore[arg-type] # it writes and flushes, and closes nothing

    def write_dimensions(self) -> None:
        """The true extent: openpyxl sees no cells and would say A1, which some readers believe."""
        if self.extent is not None:
            self.xf.send(SheetDimension(self.extent).to_tree())

    def write_rows(self) -> None:
        xf: Any = self.xf.send(True)
        with xf.element("sheetData"):
            rows, row = Rows(self, xf), 1
            for part in self.parts:
                row = part.write(rows, row)
        self.xf.send(None)

    def write_formatting(self) -> None:
        """Write rules as openpyxl does, with the halves that it lacks. Styles have their numbers already."""
        ws: Any = self.ws
        for formatting in ws.conditional_formatting:
            tree = formatting.to_tree()
            join_bars(tree, self.bars)
            self.xf.send(tree)

    def write_tail(self) -> None:
        super().write_tail()
        self.xf.send(extension_list(self.bars, groups_xml(self.sparklines)))

    def write_row(self, xf: Any, row: Iterable[Any], row_idx: int) -> None:
        ws: Any = self.ws
        attributes = {
            "r": str(row_idx),
            **dict(ws.row_dimensions.get(row_idx, {})),
            **self.own.pop(row_idx, {}),
        }
        with xf.element("row", attributes):
            for cell in row:
                if cell._comment is not None:
                    ws._comments.append(CommentRecord.from_cell(cell))
                _write_cell(xf, cell)


def _write_cell(xf: Any, cell: PlainCell) -> None:
    """Text stays inline, a formula keeps its value, a blank keeps its style."""
    attributes = {"r": cell.coordinate, "s": str(cell.style_id)}
    text, formula = cell._value, cell.written_formula
    if text is not None and cell.data_type != "n":
        attributes["t"] = cell.data_type
    if formula is not None and cell.data_type == "inlineStr":
        attributes["t"] = "str"
    if text is None and formula is None:
        xf.write(Element("c", attributes))
        return
    with xf.element("c", attributes):
        if formula is not None:
            with xf.element("f"):
                xf.write(formula)
        if text is None:
            return
        if attributes.get("t") == "inlineStr":
            with xf.element("is"):
                inline = Element("t", {XML_SPACE: "preserve"} if has_outer_blanks(text) else {})
                inline.text = text
                xf.write(inline)
        else:
            with xf.element("v"):
                xf.write(text)
