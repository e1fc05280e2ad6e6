"""Writes the rows of a filled sheet as XML: values, formulas and subtotals in the template's formats."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from reports.excel.letters import column_letter
from reports.excel.values import escaped
from reports.filling.boxes import Box
from reports.filling.cells import NOTHING, SourceCell
from reports.filling.expressions import Expressions
from reports.filling.formula_cells import FormulaCells
from reports.filling.formulas import Formulas
from reports.filling.makers import Maker, filled_runs, maker_of, options_maker
from reports.filling.package import children
from reports.filling.placeholders import Placeholders
from reports.filling.plan import FillingPlan, FrameColumns, Level, OutRow
from reports.filling.regions import Region
from reports.filling.runs import inline_xml, runs_xml
from reports.filling.tags import FUNCTIONS
from reports.filling.totals import Totalled
from reports.filling.values import ValueWriter, number_of


class SheetRows:
    """One sheet; its columns that are added up are counted on the way."""

    def __init__(
        self,
        template: str,
        plan: FillingPlan,
        *,
        formulas: Formulas,
        expressions: Expressions,
        writer: ValueWriter,
        zone: ZoneInfo | None,
    ) -> None:
        self._plan, self._writer, self._tags = plan, writer, writer.tags
        self._makers: dict[tuple[int, int], list[tuple[Maker, int]]] = {}
        self._totalled: dict[int, Totalled] = {}
        self._frame_columns: dict[int, list[SourceCell]] = {}
        self._placeholders = Placeholders(template, writer.sheet, expressions, zone)
        self._formulas = FormulaCells(self._placeholders, formulas, writer, self._totalled)
        for row in plan.rows:
            if row.role in {"group", "total"}:
                for column, tags in (row.levels[-1].region or NO_REGION).tags.items():
                    if any(tag.name in FUNCTIONS for tag in tags):
                        self._totalled.setdefault(column, Totalled())

    @property
    def formula_cells(self) -> list[str]:
        """Return the cells that got a formula, once the rows are written."""
        return self._formulas.cells

    def xml(self) -> Iterator[str]:
        for row in self._plan.rows:
            attributes = row.source.attributes if row.beside is None else row.beside.attributes
            if row.outline:
                attributes = {**attributes, "outlineLevel": str(row.outline)}
            yield self._tags.row(row.number, attributes, "".join(self._cells(row)))

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
            return self._formulas.subtotal(maker, row)
        if maker.tagged:
            return self._blank(cell, row)
        return self._filled(maker, row, min(depth, len(row.chain) - 1) if row.role == "total" else depth)

    def _blank(self, cell: SourceCell, row: OutRow) -> str:
        return self._tags.cell(column_letter(cell.column), row.number, cell.style)

    def _filled(self, maker: Maker, row: OutRow, depth: int) -> str:
        cell = maker.cell
        if maker.formula:
            return self._formulas.formula(maker, row, depth)
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
            value = self._placeholders.value(maker.whole, cell, row, context)
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
            return self._placeholders.said(expression, cell, row, context)

        if cell.column in self._totalled:
            self._totalled[cell.column].add(row.number, None, filled=True)
        if maker.rich:
            texts = ["".join(t.text or "" for t in children(run, "t")) for run in cell.runs]
            filled = filled_runs(texts, said)
            self._placeholders.check_text("".join(filled), cell, row)
            inner = runs_xml(cell.runs, filled, self._tags.prefix)
        else:
            text = "".join(said(part) if is_expression else part for part, is_expression in maker.pieces)
            self._placeholders.check_text(text, cell, row)
            inner = self._tags.text(escaped(text))
        letters = column_letter(cell.column)
        return self._tags.cell(
            letters, row.number, cell.style, kind="inlineStr", inner=inner, attributes=cell.attributes
        )

    def _labelled(self, maker: Maker, row: OutRow) -> str:
        if maker.function is not None:
            raise self._placeholders.bad(
                maker.cell, row, "a group's label and a total share the cell; move one of them"
            )
        text = (row.label or (0, ""))[1]
        return self._writer.cell(maker.cell.column, row.number, maker.cell.style, text, "group")

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
            return self._formulas.formula(maker_of(cell), row, len(row.levels) - 1)
        return self._blank(cell, row) if cell.style else ""


NO_REGION = Region("", "", "", Box(0, 0, 0, 0))


def _depth(cell: SourceCell, levels: Sequence[Level]) -> int:
    depth = 0
    for place, level in enumerate(levels):
        if level.region is not None and level.region.box.left <= cell.column <= level.region.box.right:
            depth = place
    return depth


def _number_in(cell: SourceCell) -> float | None:
    return float(cell.value) if cell.kind == "n" and cell.value is not None else None
