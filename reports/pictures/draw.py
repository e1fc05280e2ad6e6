"""Charts as SVG and PNG: the same look as in a workbook, and the same bytes for the same chart and figures."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from reports.charts import Chart
from reports.extras import library
from reports.pictures.colours import colours
from reports.pictures.data import plot_of
from reports.pictures.spec import spec_of
from reports.pictures.table import DrawnTable

VERSION = "6.1"  # of Vega-Lite: a newer one could draw other bytes


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
