"""Tables that stand beside others grow and shrink within their own columns: rows are not inserted for one alone."""

from typing import Any

from openpyxl.formula.translate import Translator

from reports.excel.letters import cell_name
from reports.filling.boxes import Box
from reports.filling.cells import NOTHING, FormulaText, SourceCell, SourceRow
from reports.filling.plan import FrameColumns
from reports.filling.regions import Region
from reports.filling.scopes import Resize
from reports.filling.sheets import TemplateSheet
from reports.template import BadTemplate


def stands_beside(region: Region, sheet: TemplateSheet, count: int) -> bool:
    """Whether other tables, other filled ranges, or cells that would go with the rows stand in its rows."""
    if any(one is not region and one.box.shares_rows(region.box) for one in sheet.regions):
        return True
    if any(
        one.box != (region.table.box if region.table else None) and one.box.shares_rows(region.box)
        for one in sheet.tables
    ):
        return True
    return any(
        row.number > region.box.top + max(count, 1) - 1
        and region.box.top <= row.number <= region.box.bottom
        and any(
            not region.box.left <= cell.column <= region.box.right and not cell.blank for cell in row.cells
        )
        for row in sheet.rows
    )


def fill_beside(template: str, region: Region, sheet: TemplateSheet, frame: FrameColumns) -> Resize:
    """Put the frame's values into the cells of the range, and blanks where it had more rows."""
    held, count = region.box, max(frame.count, 1)
    bottom = held.top + count - 1
    place = f"sheet {sheet.name!r}, {region.name!r}"
    if region.table is not None and region.table.totals:
        raise BadTemplate(
            template, place, "the table has totals and stands beside others; put it on a sheet of its own"
        )
    rows = {row.number: row for row in sheet.rows}
    below = Box(held.bottom + 1, held.left, bottom, held.right)
    for number in range(below.top, below.bottom + 1):
        for cell in _within(rows.get(number), held):
            if not cell.blank:
                raise BadTemplate(
                    template,
                    place,
                    f"{count:,} rows do not fit: it stands beside others, and "
                    f"{cell_name(number, cell.column)} below it is in use; put it on a sheet of its own",
                )
    first = {cell.column: cell for cell in _within(rows.get(held.top), held)}
    for number in range(held.top, max(bottom, held.bottom) + 1):
        row = rows.setdefault(number, SourceRow(number, {}))
        others = [cell for cell in row.cells if not held.left <= cell.column <= held.right]
        own = [_cell(c, number, first.get(c), frame, held.top) for c in range(held.left, held.right + 1)]
        row.cells = sorted([*others, *own], key=lambda cell: cell.column)
    sheet.rows = [rows[number] for number in sorted(rows)]
    return Resize(held, bottom)


def _within(row: SourceRow | None, held: Box) -> list[SourceCell]:
    return [] if row is None else [cell for cell in row.cells if held.left <= cell.column <= held.right]


def _cell(column: int, row: int, pattern: SourceCell | None, frame: FrameColumns, top: int) -> SourceCell:
    made = SourceCell(column, pattern.style if pattern else 0, "n", "")
    nth = row - top
    if nth >= frame.count:
        return made
    values = frame.values.get(column)
    if values is not None:
        value: Any = values[nth]
        made.given = NOTHING if value is None else value
    elif pattern is not None and pattern.formula is not None:
        moved = Translator(f"={pattern.formula.text}", cell_name(top, column)).translate_formula(
            cell_name(row, column)
        )
        made.formula = FormulaText(moved[1:])
    return made
