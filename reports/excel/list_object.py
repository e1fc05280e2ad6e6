"""Excel tables (ListObject): a name, a filter and banded rows over a range. Knows no frame."""

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo

from reports.blocks import Total
from reports.errors import BadColumnName
from reports.excel.letters import cell_name, column_letter
from reports.excel.totals import formula
from reports.excel.values import escaped

STYLE = "TableStyleLight1"  # hairlines and a faint band; every version of Excel has it
FUNCTIONS: dict[str, Any] = {
    "sum": "sum",
    "mean": "average",
    "count": "countNums",
    "count_all": "count",
    "min": "min",
    "max": "max",
    "stdev": "stdDev",
    "var": "var",
}


def excel_table(
    name: str,
    headers: Sequence[str],
    totals: Sequence[Total | None],
    rows: tuple[int, int],
    label: int | None,
) -> Table:
    """`rows` are the header's and the last of the body; a row of totals follows it where there is any, and says so
    in column `label` (from 0). Headers are unique.

    The columns are given in full: openpyxl would otherwise make a cell object for each cell of the range.
    """
    if len({header.casefold() for header in headers}) < len(headers):
        raise BadColumnName(name, headers, "an Excel table needs headers that differ, whatever their case")
    columns = len(headers)
    header_row, last = rows
    with_totals = any(totals)
    body = f"A{header_row}:{cell_name(last, columns)}"
    table = Table(displayName=name, name=name, ref=f"A{header_row}:{cell_name(last + with_totals, columns)}")
    table.autoFilter = AutoFilter(ref=body)
    table.tableStyleInfo = TableStyleInfo(name=STYLE, showRowStripes=True)
    table.totalsRowCount = 1 if with_totals else None
    table.tableColumns = [
        _column(place, header, total)
        for place, (header, total) in enumerate(zip(headers, totals, strict=True), 1)
    ]
    for place, (column, total) in enumerate(zip(table.tableColumns, totals, strict=True), start=1):
        if column.totalsRowFunction == "custom" and total is not None:
            column.totalsRowFormula = TableFormula(
                attr_text=formula(total, column_letter(place), header_row + 1, last)
            )
    if with_totals and label is not None:
        table.tableColumns[label].totalsRowLabel = "Total"
    return table


def _column(place: int, header: str, total: Total | None) -> TableColumn:
    column = TableColumn(id=place, name=escaped(header))  # openpyxl adds the escapes of line ends
    if total is not None:
        column.totalsRowFunction = FUNCTIONS.get(total, "custom")
    return column
