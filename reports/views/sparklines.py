"""Sparklines of a table as columns of small pictures among its other columns. Knows no file format."""

from collections.abc import Sequence
from dataclasses import replace

from reports.number_formats.formats import Kind
from reports.pictures.sparks import spark_svg
from reports.sparklines import WIDTH, Sparkline, arranged, check_numbers, check_rows
from reports.tables.objects import number_of
from reports.views.columns import SeenColumn
from reports.views.marks import PLAIN, MarkStyle
from reports.views.table import Picture, ShownCell, ShownChange, ShownColumn, ShownTable, TableView

NOTHING = "no numbers"


def with_sparklines(table: ShownTable, view: TableView) -> ShownTable:
    """The table with their columns, each where it stands. Raises BadBlock where one cannot be drawn."""
    sparklines = view.table.all_sparklines
    if not sparklines:
        return table
    sheet, known = view.reader.sheet, {seen.column.name: seen for seen in view.columns}
    names = list(known)
    places = arranged(sheet, names, sparklines)
    check_rows(sheet, sparklines, view.all_rows)
    columns, rows = [], [[] for _ in table.rows]  # type: tuple[list[ShownColumn], list[list[ShownCell]]]
    for place in places:
        if isinstance(place, Sparkline):
            drawn = _Drawn(sheet, place, [known[name] for name in place.of])
            columns.append(drawn.column())
            cells = [drawn.cell(number, row) for number, row in enumerate(table.rows)]
        else:
            at = names.index(place)
            columns.append(table.columns[at])
            cells = [row[at] for row in table.rows]
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    groups = [
        replace(
            group,
            texts=[
                "" if isinstance(place, Sparkline) else group.texts[names.index(place)] for place in places
            ],
            place=places.index(names[group.place]),
        )
        for group in table.groups
    ]
    return replace(table, columns=columns, rows=rows, groups=groups)


class _Drawn:
    """One sparkline of a table, `seen` the columns that it draws."""

    def __init__(self, sheet: str, one: Sparkline, seen: Sequence[SeenColumn]) -> None:
        self.one, self.seen = one, seen
        for column in seen:
            check_numbers(sheet, one, column.column.name, _kinds(column), as_text=column.options.as_text)
        self.ends = self._ends() if one.same_scale else None

    def column(self) -> ShownColumn:
        total, above = self._total(), self.one.column.levels
        return ShownColumn(self.one.header, None, True, int(WIDTH), "", above, total_picture=total)

    def cell(self, number: int, row: Sequence[ShownCell]) -> ShownCell:
        """A row that is of one colour stays so."""
        colours = {(cell.style.ground, cell.style.ink) for cell in row}
        style = MarkStyle(*colours.pop()) if len(colours) == 1 else PLAIN
        changes = {cell.change.style for cell in row if cell.change}
        whole = len(changes) == 1 and all(cell.change for cell in row)  # a row that is new
        change = ShownChange(changes.pop()) if whole else None
        values = [seen.values[number] for seen in self.seen]
        told = [seen.scan.text(value) for value, seen in zip(values, self.seen, strict=True)]
        return ShownCell("", style, None, change, self._picture(self.one, values, told))

    def _total(self) -> Picture | None:
        """Where all columns have the same one, as in a workbook; its scale is its own."""
        known = [seen.totals.whole for seen in self.seen if seen.totals]
        if len(known) < len(self.seen) or len({total.function for total in known}) > 1:
            return None
        values = [total.value() for total in known]
        told = [seen.total_text() or "" for seen in self.seen]
        return self._picture(replace(self.one, same_scale=False), values, told)

    def _picture(self, one: Sparkline, values: Sequence[object], told: Sequence[str]) -> Picture:
        numbers = [number_of(value) for value in values]
        said = self._said(numbers, told)
        return Picture(spark_svg(one, numbers, self.ends if one.same_scale else None, said), said)

    def _said(self, numbers: Sequence[float | None], told: Sequence[str]) -> str:
        """The picture in words: its ends, and the lowest and the highest between them."""
        filled = [place for place, number in enumerate(numbers) if number is not None]
        if not filled:
            return NOTHING
        if self.one.kind == "win_loss":
            above, below = (sum((numbers[at] or 0) * sign > 0 for at in filled) for sign in (1, -1))
            return f"{above} above 0, {below} below"
        heads = {at: self.seen[at].column.header for at in filled}
        low, high = (choose(filled, key=lambda at: numbers[at] or 0.0) for choose in (min, max))
        first, last = filled[0], filled[-1]
        return (
            f"{heads[first]} {told[first]} to {heads[last]} {told[last]}, "
            f"lowest {told[low]} ({heads[low]}), highest {told[high]} ({heads[high]})"
        )

    def _ends(self) -> tuple[float, float] | None:
        numbers = [
            number for seen in self.seen for value in seen.values if (number := number_of(value)) is not None
        ]
        return (min(numbers), max(numbers)) if numbers else None


def _kinds(seen: SeenColumn) -> set[Kind]:
    """A column of nothing at all is of no kind."""
    return {kind for kind, facts in seen.scan.facts.items() if facts.filled}
