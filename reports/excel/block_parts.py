"""Text, key figures, links and notes on a sheet, written cell by cell."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from reports.blocks import Figure, Figures, Formula, Link, Text
from reports.comparing.words import TableChanges, since_sentence
from reports.errors import BadBlock
from reports.excel import cell_styles
from reports.excel.sheet_writer import FormulaCell, PlainCell, Rows
from reports.excel.styles import Styles
from reports.excel.values import Unwritable, cached_value, escaped
from reports.excel.widths import PADDING
from reports.number_formats.render import shown
from reports.tables.column_scan import value_code
from reports.text import shown_width

VALUE_COLUMN = 2


class TextPart:
    """A line of text for each line of the block; it runs on over the columns to its right."""

    def __init__(self, text: Text, styles: Styles) -> None:
        self.text = text
        self._style = styles.of(cell_styles.TEXTS[text.style])

    def write(self, rows: Rows, first: int) -> int:
        for row, line in enumerate(self.text.text.split("\n"), start=first):
            if (height := cell_styles.HEIGHTS.get(self.text.style)) is not None:
                rows.ws.row_dimensions[row].height = height
            rows.cells(row, [PlainCell(rows.ws, 1, self._style).put(row, escaped(line) or None, "inlineStr")])
        return first + self.text.text.count("\n") + 1


class SincePart:
    """A line that says what changed in all tables, which is known when they have been compared.

    It stays blank where there is nothing yet to compare with: the report is none the worse for it.
    """

    def __init__(self, compared: Sequence[TableChanges], styles: Styles) -> None:
        self._compared, self._styles = compared, styles

    def write(self, rows: Rows, first: int) -> int:
        known = any(one.comparison is not None for one in self._compared)
        text = since_sentence(self._compared) if known else ""
        return TextPart(Text(text), self._styles).write(rows, first)


class LinkPart:
    def __init__(self, link: Link, styles: Styles) -> None:
        self.link = link
        self._style = styles.of(cell_styles.LINK)

    def write(self, rows: Rows, first: int) -> int:
        cell = PlainCell(rows.ws, 1, self._style)
        rows.cells(first, [cell.put(first, escaped(self.link.text), "inlineStr")])
        if self.link.leads_outside:
            rows.link(first, 1, self.link.to, outside=True)
        else:
            quoted = self.link.to.replace("'", "''")
            rows.link(first, 1, f"'{quoted}'!{self.link.cell}", outside=False)
        return first + 1


class FiguresPart:
    """One figure a row: what it is in the first column, the value in the second."""

    def __init__(self, sheet: str, figures: Figures, styles: Styles, zone: ZoneInfo | None) -> None:
        self.figures = figures
        self._label = styles.of(cell_styles.SOFT_LEFT)
        self._lines = [
            (label, *_written(sheet, label, figure, zone)) for label, figure in figures.figures.items()
        ]
        self._styles = [styles.of(cell_styles.BOLD_LEFT, code) for *_, code in self._lines]

    @property
    def widths(self) -> tuple[float, float]:
        labels = max(shown_width(label) for label in self.figures.figures)
        values = max(
            (
                shown_width(text if data_type == "inlineStr" else shown(float(text), code))
                for _, _, data_type, text, code in self._lines
                if text and data_type != "b"
            ),
            default=0,
        )
        return labels + PADDING, values + PADDING

    def write(self, rows: Rows, first: int) -> int:
        for row, (line, style) in enumerate(zip(self._lines, self._styles, strict=True), start=first):
            label, formula, data_type, text, _ = line
            name = PlainCell(rows.ws, 1, self._label).put(row, escaped(label) or None, "inlineStr")
            value = FormulaCell(rows.ws, VALUE_COLUMN, style, formula).put(row, text, data_type)
            rows.cells(row, [name, value])
        return first + len(self._lines)


class Gap:
    """An empty row between two blocks."""

    def write(self, rows: Rows, first: int) -> int:  # noqa: ARG002 # like every part
        return first + 1


def _written(
    sheet: str, label: str, figure: Figure, zone: ZoneInfo | None
) -> tuple[str | None, str, str | None, str]:
    """Formula, type, text and format of a figure's value."""
    value = figure.value
    formula = value.text if isinstance(value, Formula) else None
    plain = value.value if isinstance(value, Formula) else value
    try:
        data_type, text = cached_value(plain, zone)
    except Unwritable as fault:
        raise BadBlock(f"sheet {sheet!r}, figure", label, str(fault)) from fault
    code = value_code(plain, figure.given_code, label, stands_alone=True)
    return formula, data_type, text, code
