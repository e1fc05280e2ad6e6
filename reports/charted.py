"""Which table a chart that stands alone draws."""

from collections.abc import Sequence

from reports.blocks import Table
from reports.charts import Chart
from reports.errors import BadBlock, UnknownColumn, did_you_mean
from reports.frames import column_names
from reports.sheet import Sheet


def charted_table(chart: Chart, sheets: Sequence[Sheet]) -> Table:
    """The table that `of=` names, or the only one of the sheet of that name. Raises BadBlock."""
    named = {
        name: table
        for sheet in sheets
        for table in sheet.tables
        for name in (table.name, table.excel_table)
        if name
    }
    alone = {sheet.name: sheet.tables[0] for sheet in sheets if len(sheet.tables) == 1}
    if chart.of is None:
        raise BadBlock(
            chart.kind,
            chart.title or chart.x,
            "a chart that stands alone says of which table it is: of='Sheet'",
        )
    if found := named.get(chart.of) or alone.get(chart.of):
        if found.groups:
            raise BadBlock(
                f"{chart.kind}(of=)", chart.of, "that table has rows of totals in between (group_by=)"
            )
        return found
    known = [*named, *alone]
    raise BadBlock(
        f"{chart.kind}(of=)",
        chart.of,
        f"no table has that name, and no sheet of one table{did_you_mean(chart.of, known)}",
    )


def check_charts(sheets: Sequence[Sheet]) -> None:
    """Raises BadBlock or UnknownColumn for a chart that stands alone and has no table, or not these columns."""
    for sheet in sheets:
        for chart in sheet.blocks:
            if isinstance(chart, Chart):
                known = column_names(sheet.name, charted_table(chart, sheets).frame)
                for column in chart.columns:
                    if known is not None and column not in known:
                        raise UnknownColumn(sheet.name, column, known)
