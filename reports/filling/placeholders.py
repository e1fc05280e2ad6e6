"""Values of the placeholders of one sheet, each mistake with its cell. Knows no rows of the filled sheet."""

from typing import Any
from zoneinfo import ZoneInfo

from reports.errors import BadCell
from reports.excel.letters import cell_name, column_letter
from reports.excel.values import Unwritable
from reports.filling.cells import SourceCell
from reports.filling.expressions import Expressions, Unfillable
from reports.filling.plan import OutRow
from reports.filling.values import literal, text_within
from reports.template import BadTemplate
from reports.text import fault_in_text


class Placeholders:
    """`context` is what names mean in the cell's record."""

    def __init__(self, template: str, sheet: str, expressions: Expressions, zone: ZoneInfo | None) -> None:
        self.sheet = sheet
        self._template = template
        self._expressions = expressions
        self._zone = zone

    def value(self, expression: str, cell: SourceCell, row: OutRow, context: Any) -> Any:
        try:
            return self._expressions.value(expression, context)
        except Unfillable as error:
            raise self.bad(cell, row, str(error)) from error

    def said(self, expression: str, cell: SourceCell, row: OutRow, context: Any) -> str:
        """As it reads within other text."""
        try:
            return text_within(self.value(expression, cell, row, context), self._zone)
        except Unwritable as error:
            raise self.bad(cell, row, f"{{{{{expression}}}}}: {error}") from error

    def literal(self, expression: str, cell: SourceCell, row: OutRow, context: Any) -> str:
        """As a formula spells it."""
        try:
            return literal(self.value(expression, cell, row, context), self._zone)
        except Unwritable as error:
            raise self.bad(cell, row, f"{{{{{expression}}}}}: {error}") from error

    def check_text(self, text: str, cell: SourceCell, row: OutRow) -> None:
        if fault := fault_in_text(text):
            place = cell_name(row.number, cell.column)
            raise BadCell(self.sheet, column_letter(cell.column), row.number, place, fault)

    def bad(self, cell: SourceCell, row: OutRow, reason: str) -> BadTemplate:
        """Named by the template's cell."""
        place = f"sheet {self.sheet!r}, cell {cell_name(row.source.number, cell.column)}"
        return BadTemplate(self._template, place, reason)
