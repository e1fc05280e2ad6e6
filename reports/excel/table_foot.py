"""Rows of totals below a table, and between its groups."""

from collections.abc import Collection, Mapping, Sequence

from reports.excel import cell_styles, totals
from reports.excel.column_reader import ColumnReader
from reports.excel.letters import column_letter
from reports.excel.sheet_writer import FormulaCell, PlainCell, Rows
from reports.excel.styles import Style, Styles
from reports.excel.values import escaped, number_text
from reports.tables.column_scan import TOTAL
from reports.tables.totals import RunningTotal


class TableFoot:
    """`totals_of` are a table's own; `folds` where rows of groups fold away. `blank` columns take no label."""

    def __init__(
        self,
        readers: Sequence[ColumnReader],
        totals_of: Mapping[str, RunningTotal],
        styles: Styles,
        *,
        folds: bool,
        blank: Collection[str] = (),
    ) -> None:
        self.readers = readers
        self.folds = folds
        self._height = cell_styles.DRAWN_HEIGHT if blank else None
        self._styles = [_style(reader, totals_of.get(reader.column.name), styles) for reader in readers]
        names = [reader.column.name for reader in readers]
        self.label = next((name for name in names if name not in totals_of and name not in blank), None)

    def write(
        self, rows: Rows, row: int, totals_of: Mapping[str, RunningTotal], area: tuple[int, int]
    ) -> None:
        """Write the totals over all rows of the table; `area` are the first and the last."""
        self.write_group(rows, row, totals_of, area, {self.label: TOTAL} if self.label else {})

    def write_group(
        self,
        rows: Rows,
        row: int,
        totals_of: Mapping[str, RunningTotal],
        area: tuple[int, int],
        labels: Mapping[str, str],
        *,
        level: int = 0,
    ) -> None:
        """`labels` are texts by column. The row folds away with a group of a higher `level`."""
        cells = []
        for place, (reader, style) in enumerate(zip(self.readers, self._styles, strict=True), start=1):
            total = totals_of.get(reader.column.name)
            if total is None:
                label = labels.get(reader.column.name)
                text = None if label is None else escaped(label)
                cells.append(PlainCell(rows.ws, place, style).put(row, text, "inlineStr"))
                continue
            formula = totals.formula(total.function, column_letter(place), *area, folds=self.folds)
            value = total.value()
            text = None if value is None else number_text(value)
            cells.append(FormulaCell(rows.ws, place, style, formula).put(row, text, "n"))
        rows.cells(row, cells, self._height, level)


def _style(reader: ColumnReader, total: RunningTotal | None, styles: Styles) -> Style:
    if total is None:
        return styles.of(cell_styles.TOTAL_LEFT)
    return styles.of(cell_styles.TOTAL_RIGHT, reader.scan.total_code(total.function))
