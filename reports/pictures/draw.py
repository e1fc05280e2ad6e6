"""Charts as SVG and PNG: the same look as in a workbook, and the same bytes for the same chart and figures."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import Table
from reports.charts import Chart
from reports.extras import library
from reports.pictures.colours import colours
from reports.pictures.data import plot_of
from reports.pictures.spec import spec_of
from reports.pictures.table import DrawnTable
from reports.preflight import Findings, Preflight
from reports.views.table import drawn_table

VERSION = "6.1"  # of Vega-Lite: a newer one could draw other bytes
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


def drawn_svg(chart: Chart, table: DrawnTable, *, dark: bool = False) -> str:
    """A picture of values that were read already."""
    return picture(spec_of(chart, plot_of(chart, table), colours(dark=dark)), chart)


def picture(spec: Mapping[str, Any], chart: Chart) -> str:
    svg: str = library("vl_convert").vegalite_to_svg(
        json.dumps(spec), vl_version=VERSION, allowed_base_urls=[]
    )
    title = escape(chart.title or chart.kind)
    told = f"<title>{title}</title><desc>{escape(chart.description)}</desc>"
    head, _, rest = svg.partition(">")
    return f'{head} role="img">{told}{rest}'


def read_for(chart: Chart, table: Table, zone: ZoneInfo | None) -> DrawnTable:
    return drawn_table(table, chart, Preflight(), Findings(), zone)
