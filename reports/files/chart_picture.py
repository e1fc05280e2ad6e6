"""A chart by itself as SVG or PNG, with the data of its table."""

from zoneinfo import ZoneInfo

from reports.blocks import Table
from reports.charts import Chart
from reports.extras import library
from reports.pictures.draw import drawn_svg
from reports.pictures.table import DrawnTable
from reports.preflight import Findings, Preflight
from reports.views.table import drawn_table

FACTOR = 2.0  # of a PNG's pixels: sharp on screens of today


def chart_svg(chart: Chart, table: Table, *, dark: bool = False, zone: ZoneInfo | None = None) -> str:
    """The chart with the data of its table. `dark` is for a dark page.

    Raises BadWorkbook for columns that it cannot draw, MissingExtra where the library is not installed.
    """
    return drawn_svg(chart, read_for(chart, table, zone), dark=dark)


def chart_png(
    chart: Chart, table: Table, *, scale: float = FACTOR, dark: bool = False, zone: ZoneInfo | None = None
) -> bytes:
    """`scale` 1 is 96 pixels an inch."""
    svg = chart_svg(chart, table, dark=dark, zone=zone)
    made: bytes = library("vl_convert").svg_to_png(svg, scale=scale)
    return made


def read_for(chart: Chart, table: Table, zone: ZoneInfo | None) -> DrawnTable:
    return drawn_table(table, chart, Preflight(), Findings(), zone)
