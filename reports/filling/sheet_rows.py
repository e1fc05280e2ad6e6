"""Writes the rows of a filled sheet as XML: values, formulas and subtotals in the template's formats."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import MAX_FORMULA
from reports.errors import BadCell
from reports.excel.letters import cell_name, column_letter
from reports.excel.values import Unwritable, escaped
from reports.filling.boxes import Box, box
from reports.filling.cells import NOTHING, FormulaText, SourceCell, SourceRow
from reports.filling.expressions import Expressions, Unfillable
from reports.filling.formulas import Formulas, Here, Unmovable, long_literal
from reports.filling.makers import Maker, filled_runs, formula_text, maker_of, options_maker
from reports.filling.package import children
from reports.filling.plan import FrameColumns, Level, OutRow, SheetPlan
from reports.filling.regions import Region
from reports.filling.runs import inline_xml, runs_xml
from reports.filling.tags import FUNCTIONS
from reports.filling.totals import Totalled
from reports.filling.values import ValueWriter, literal, number_of, shown
from reports.template import BadTemplate
from reports.text import fault_in_text


class SheetRows:
    def __init__(
        self,
        template: str,
        plan: SheetPlan,
        *,
        formulas: Formulas,
        expressions: Expressions,
        writer: ValueWriter,
        zone: ZoneInfo | None,
    ) -> None:
        self._template, self._plan, self._formulas = template, plan, formulas
        self._expressions, self._writer, self._zone = expressions, writer, zone
        self._tags, self._sheet = writer.tags, writer.sheet
        self._makers: dict[tuple[int, int], list[tuple[Maker, int]]] = {}
        self._totalled: dict[int, Totalled] = {}
        self._frame_columns: dict[int, list[SourceCell]] = {}
        self.formula_cells: list[str] = []
        for row in plan.rows:
            if row.role in {"group", "total"}:
                for column, tags in (row.levels[-1].region or NO_REGION).tags.items():
                    if any(tag.name in FUNCTIONS for tag in tags):
                        self._totalled.setdefault(column, Totalled())

    def xml(self) -> Iterator[str]:
        for row in self._plan.rows:
            attributes = row.source.attributes if row.beside is None else row.beside.attributes
            if row.outline:
                attributes = {**attributes, "outlineLevel": str(row.outline)}
            yield self._tags.row(row.number, attributes, "".join(self._cells(row)))

    # Cells of a row

    def _cells(self, row: OutRow) -> Iterator[str]:
        if row.role == "frame":
            yield from self._frame_cells(row)
            return
        for maker, depth in self._of(row):
            yield self._made(maker, row, depth)

    def _of(self, row: OutRow) -> list[tuple[Maker, int]]:
        """Makers of the row's cells, each with the depth of the innermost record that it belongs to."""
        key = id(row.source), id(row.levels[-1].region) if row.role != "total" else 0
        if (found := self._makers.get(key)) is None:
            tagged = row.role in {"group", "total"}
            found = self._makers[key] = [
                ((options_maker if tagged else maker_of)(cell), _depth(cell, row.levels))
                for cell in row.source.cells
            ]
        return found

    def _made(self, maker: Maker, row: OutRow, depth: int) -> str:
        cell = maker.cell
        repeated = any(level.nth for level in row.levels[depth + 1 :])
        if row.role == "group" and not maker.tagged and (row.label is None or row.label[0] != cell.column):
            return self._blank(cell, row)
        if repeated or (row.role == "blank" and depth and row.levels[depth].region is not None):
            return self._blank(cell, row)
        if row.role in {"group", "total"} and row.label is not None and row.label[0] == cell.column:
            return self._labelled(maker, row)
        if maker.function is not None:
            return self._subtotal(maker, row)
        if maker.tagged:
            return self._blank(cell, row)
        return self._filled(maker, row, min(depth, len(row.chain) - 1) if row.role == "total" else depth)

    def _blank(self, cell: SourceCell, row: OutRow) -> str:
        return self._tags.cell(column_letter(cell.column), row.number, cell.style)

    def _filled(self, maker: Maker, row: OutRow, depth: int) -> str:
        cell = maker.cell
        if maker.formula:
            return self._formula(maker, row, depth)
        if cell.given is not NOTHING:
            return self._writer.cell(
                cell.column, row.number, cell.style, cell.given, column_letter(cell.column)
            )
        if not maker.pieces:
            if cell.column in self._totalled:
                self._totalled[cell.column].add(row.number, _number_in(cell), filled=not cell.blank)
            return self._kept_cell(cell, row.number)
        context = row.levels[depth].context
        if maker.whole is not None:
            value = self._value(maker.whole, cell, row, context)
            if not (maker.rich and isinstance(value, str)):
                if cell.column in self._totalled:
                    self._totalled[cell.column].add(row.number, number_of(value), filled=value is not None)
                return self._writer.cell(cell.column, row.number, cell.style, value, maker.whole.strip())
        return self._text_cell(maker, row, context)

    def _kept_cell(self, cell: SourceCell, row: int) -> str:
        inner = "" if cell.value is None else self._tags.value(cell.value)
        if cell.inline is not None:
            inner = inline_xml(cell.inline, self._tags.prefix)
        kind = cell.kind if inner else "n"
        return self._tags.cell(
            column_letter(cell.column),
            row,
            cell.style,
            kind=kind,
            inner=inner + cell.more,
            attributes=cell.attributes,
        )

    def _text_cell(self, maker: Maker, row: OutRow, context: Any) -> str:
        cell = maker.cell

        def said(expression: str) -> str:
            return self._shown(expression, cell, row, context)

        if cell.column in self._totalled:
            self._totalled[cell.column].add(row.number, None, filled=True)
        if maker.rich:
            texts = ["".join(t.text or "" for t in children(run, "t")) for run in cell.runs]
            filled = filled_runs(texts, said)
            self._check_text("".join(filled), cell, row)
            inner = runs_xml(cell.runs, filled, self._tags.prefix)
        else:
            text = "".join(said(part) if is_expression else part for part, is_expression in maker.pieces)
            self._check_text(text, cell, row)
            inner = self._tags.text(escaped(text))
        letters = column_letter(cell.column)
        return self._tags.cell(
            letters, row.number, cell.style, kind="inlineStr", inner=inner, attributes=cell.attributes
        )

    # Formulas

    def _formula(self, maker: Maker, row: OutRow, depth: int) -> str:
        cell, context = maker.cell, row.levels[depth].context
        told = cell.formula or FormulaText("")
        here = Here(self._sheet, row.chain[: depth + 1])
        text = self._filled_formula(maker, row, context)
        if maker.pieces and not text.strip():
            return self._blank(cell, row)
        try:
            text = self._formulas.moved(text, here) if text else ""
            if len(text) > MAX_FORMULA:
                raise Unmovable(f"the formula has {len(text):,} characters; Excel takes {MAX_FORMULA:,}")
            if len(maker.pieces) > 1 and long_literal(text):
                raise Unmovable("a quoted text in the formula has more than 255 characters; Excel refuses it")
            attributes = self._attributes(told, row, depth)
        except Unmovable as error:
            raise self._bad(cell, row.source, str(error)) from error
        if cell.column in self._totalled:
            self._totalled[cell.column].add(row.number, None, filled=True, known=False)
        name = cell_name(row.number, cell.column)
        self.formula_cells.append(name)
        return self._tags.cell(
            column_letter(cell.column),
            row.number,
            cell.style,
            inner=self._tags.formula(text, attributes),
            attributes=cell.attributes,
        )

    def _filled_formula(self, maker: Maker, row: OutRow, context: Any) -> str:
        cell = maker.cell

        def spelled(value: Any) -> str:
            try:
                return literal(value, self._zone)
            except Unwritable as error:
                raise self._bad(cell, row.source, str(error)) from error

        made = formula_text(
            maker.pieces,
            lambda expression: self._value(expression, cell, row, context),
            lambda expression: self._shown(expression, cell, row, context),
            spelled,
        )
        self._check_text(made, cell, row)
        return made

    def _attributes(self, told: FormulaText, row: OutRow, depth: int) -> dict[str, str]:
        """Of an array formula: its range, where it went."""
        if told.kind == "normal" or "ref" not in told.attributes:
            return told.attributes
        held = box(told.attributes["ref"])
        moves = bool(row.chain[0].repeats)
        if held is None or not moves:
            return told.attributes
        if told.kind == "dataTable":
            raise Unmovable(
                "a what-if data table cannot follow rows that are inserted; put it on another sheet"
            )
        scope = row.chain[depth]
        bottom = scope.span(held.bottom)[1] if scope.covers(held.bottom) else 0
        if bottom - row.number != held.bottom - held.top:
            raise Unmovable(
                f"the array formula of {held} stretches over filled rows; make it one of single cells"
            )
        return {**told.attributes, "ref": str(Box(row.number, held.left, bottom, held.right))}

    # Subtotals

    def _labelled(self, maker: Maker, row: OutRow) -> str:
        if maker.function is not None:
            raise self._bad(
                maker.cell, row.source, "a group's label and a total share the cell; move one of them"
            )
        text = (row.label or (0, ""))[1]
        return self._writer.cell(maker.cell.column, row.number, maker.cell.style, text, "group")

    def _subtotal(self, maker: Maker, row: OutRow) -> str:
        cell, function = maker.cell, str(maker.function)
        letters, (first, last) = column_letter(cell.column), row.rows
        text = f"SUBTOTAL({FUNCTIONS[function]},{letters}{first}:{letters}{last})"
        self.formula_cells.append(f"{letters}{row.number}")
        inner = self._tags.formula(text, {})
        if (value := self._totalled[cell.column].total(function, first, last)) is not None:
            inner += self._tags.value(repr(value))
        return self._tags.cell(letters, row.number, cell.style, inner=inner, attributes=cell.attributes)

    # Frames

    def _frame_cells(self, row: OutRow) -> Iterator[str]:
        region = row.levels[-1].region
        if region is None:
            return
        data = self._plan.frames[id(region)]
        if (own := self._frame_columns.get(id(region))) is None:
            inside = {cell.column: cell for cell in row.source.cells}
            columns = range(region.box.left, region.box.right + 1)
            own = [inside.get(column) or SourceCell(column, 0, "n", "") for column in columns]
            self._frame_columns[id(region)] = own
        beside = [] if row.beside is None else row.beside.cells
        for cell in beside:
            if cell.column < region.box.left:
                yield self._filled(maker_of(cell), row, len(row.levels) - 2)
        for cell in own:
            yield self._frame_cell(row, cell, data)
        for cell in beside:
            if cell.column > region.box.right:
                yield self._filled(maker_of(cell), row, len(row.levels) - 2)

    def _frame_cell(self, row: OutRow, cell: SourceCell, data: FrameColumns) -> str:
        if (values := data.values.get(cell.column)) is not None and row.nth < len(values):
            if (value := values[row.nth]) is not None:
                return self._writer.cell(
                    cell.column, row.number, cell.style, value, column_letter(cell.column)
                )
        elif cell.formula is not None and data.count:
            return self._formula(maker_of(cell), row, len(row.levels) - 1)
        return self._blank(cell, row) if cell.style else ""

    # Placeholders

    def _value(self, expression: str, cell: SourceCell, row: OutRow, context: Any) -> Any:
        try:
            return self._expressions.value(expression, context)
        except Unfillable as error:
            raise self._bad(cell, row.source, str(error)) from error

    def _shown(self, expression: str, cell: SourceCell, row: OutRow, context: Any) -> str:
        try:
            return shown(self._value(expression, cell, row, context), self._zone)
        except Unwritable as error:
            raise self._bad(cell, row.source, f"{{{{{expression}}}}}: {error}") from error

    def _check_text(self, text: str, cell: SourceCell, row: OutRow) -> None:
        if fault := fault_in_text(text):
            raise BadCell(
                self._sheet, column_letter(cell.column), row.number, cell_name(row.number, cell.column), fault
            )

    def _bad(self, cell: SourceCell, row: SourceRow, reason: str) -> BadTemplate:
        place = f"sheet {self._sheet!r}, cell {cell_name(row.number, cell.column)}"
        return BadTemplate(self._template, place, reason)


NO_REGION = Region("", "", "", Box(0, 0, 0, 0))


def _depth(cell: SourceCell, levels: Sequence[Level]) -> int:
    depth = 0
    for place, level in enumerate(levels):
        if level.region is not None and level.region.box.left <= cell.column <= level.region.box.right:
            depth = place
    return depth


def _number_in(cell: SourceCell) -> float | None:
    return float(cell.value) if cell.kind == "n" and cell.value is not None else None
