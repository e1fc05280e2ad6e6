"""Cells with formulas: filled, moved with the rows that they refer to, and subtotals. Knows no other cells."""

from collections.abc import Mapping

from reports.blocks import MAX_FORMULA
from reports.excel.letters import cell_name, column_letter
from reports.filling.boxes import Box, box
from reports.filling.cells import FormulaText
from reports.filling.formulas import LOST, Formulas, Here, Unmovable, long_literal
from reports.filling.makers import Maker, formula_text
from reports.filling.placeholders import Placeholders
from reports.filling.plan import OutRow
from reports.filling.tags import FUNCTIONS
from reports.filling.totals import Totalled
from reports.filling.values import ValueWriter


class FormulaCells:
    """`totalled` has the columns that are added up; `cells` are those that got a formula."""

    def __init__(
        self,
        placeholders: Placeholders,
        formulas: Formulas,
        writer: ValueWriter,
        totalled: Mapping[int, Totalled],
    ) -> None:
        self._placeholders, self._formulas = placeholders, formulas
        self._writer, self._tags, self._sheet = writer, writer.tags, writer.sheet
        self._totalled = totalled
        self.cells: list[str] = []

    def formula(self, maker: Maker, row: OutRow, depth: int) -> str:
        cell, context = maker.cell, row.levels[depth].context
        told = cell.formula or FormulaText("")
        here = Here(self._sheet, row.chain[: depth + 1])
        text = formula_text(
            maker.pieces,
            lambda expression: self._placeholders.said(expression, cell, row, context),
            lambda expression: self._placeholders.literal(expression, cell, row, context),
        )
        self._placeholders.check_text(text, cell, row)
        if maker.pieces and not text.strip():
            return self._tags.cell(column_letter(cell.column), row.number, cell.style)
        try:
            moved = self._formulas.moved(text, here) if text else ""
            _check_length(moved, filled=len(maker.pieces) > 1)
            attributes = _attributes(told, row, depth)
        except Unmovable as error:
            raise self._placeholders.bad(cell, row, str(error)) from error
        if moved.count(LOST) > text.count(LOST):
            self._writer.note_lost(cell_name(row.number, cell.column))
        if cell.column in self._totalled:
            self._totalled[cell.column].add(row.number, None, filled=True, known=False)
        self.cells.append(cell_name(row.number, cell.column))
        return self._tags.cell(
            column_letter(cell.column),
            row.number,
            cell.style,
            inner=self._tags.formula(moved, attributes),
            attributes=cell.attributes,
        )

    def subtotal(self, maker: Maker, row: OutRow) -> str:
        cell, function = maker.cell, str(maker.function)
        letters, (first, last) = column_letter(cell.column), row.rows
        text = f"SUBTOTAL({FUNCTIONS[function]},{letters}{first}:{letters}{last})"
        self.cells.append(f"{letters}{row.number}")
        inner = self._tags.formula(text, {})
        if (value := self._totalled[cell.column].total(function, first, last)) is not None:
            inner += self._tags.value(repr(value))
        return self._tags.cell(letters, row.number, cell.style, inner=inner, attributes=cell.attributes)


def _check_length(formula: str, *, filled: bool) -> None:
    if len(formula) > MAX_FORMULA:
        raise Unmovable(f"the formula has {len(formula):,} characters; Excel takes {MAX_FORMULA:,}")
    if filled and long_literal(formula):
        raise Unmovable("a quoted text in the formula has more than 255 characters; Excel refuses it")


def _attributes(told: FormulaText, row: OutRow, depth: int) -> dict[str, str]:
    """Of an array formula: its range, where it went."""
    if told.kind == "normal" or "ref" not in told.attributes:
        return told.attributes
    held = box(told.attributes["ref"])
    moves = bool(row.chain[0].repeats)
    if held is None or not moves:
        return told.attributes
    if told.kind == "dataTable":
        raise Unmovable("a what-if data table cannot follow rows that are inserted; put it on another sheet")
    scope = row.chain[depth]
    bottom = scope.span(held.bottom)[1] if scope.covers(held.bottom) else 0
    if bottom - row.number != held.bottom - held.top:
        raise Unmovable(
            f"the array formula of {held} stretches over filled rows; make it one of single cells"
        )
    return {**told.attributes, "ref": str(Box(row.number, held.left, bottom, held.right))}
