"""What stands around a drawing: fonts, the look of axes, the legend."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.charts import Chart, PieChart
from reports.pictures.colours import Colours

# The first is what texts are measured with; the others are as wide.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE_SIZE, TEXT_SIZE = 15, 11.5  # pixels: 12 and 9 points, as in a workbook, a little less for the small
CHARACTER = 6.4  # pixels of a legend's, about
SYMBOL = 34  # pixels of a legend's sign, with the space around it
LONGEST_NAME = 220  # pixels
LIKE = "stroke"


@dataclass(frozen=True)
class Frame:
    """The picture's size in pixels."""

    chart: Chart
    colours: Colours
    width: int
    height: int


def config(colours: Colours) -> dict[str, Any]:
    return {
        "font": FONT,
        "aria": False,  # the picture as a whole has its words
        "view": {"stroke": None},
        "title": {"color": colours.ink, "fontSize": TITLE_SIZE, "fontWeight": "bold", "offset": 12},
        "axis": {
            "labelColor": colours.soft,
            "labelFontSize": TEXT_SIZE,
            "labelPadding": 6,
            "labelOverlap": False,
            "labelBound": False,
            "labelFlush": False,
            "titleColor": colours.soft,
            "titleFontSize": TEXT_SIZE,
            "titleFontWeight": "normal",
            "titlePadding": 10,
            "gridColor": colours.hairline,
            "gridWidth": 1,
            "domainColor": colours.rule,
            "domainWidth": 1,
            "ticks": False,
        },
        "legend": {
            "layout": {"bottom": {"anchor": "middle"}},
            "labelColor": colours.soft,
            "labelFontSize": TEXT_SIZE,
            "labelLimit": LONGEST_NAME,
            "symbolStrokeWidth": 0,
            "symbolSize": 90,
            "columnPadding": 18,
            "rowPadding": 4,
            "titleFontSize": TEXT_SIZE,
        },
    }


def legend(frame: Frame, names: Sequence[str], *, lines: bool = False) -> dict[str, Any] | None:
    """Names by the number of the series; None where one series needs none."""
    chart = frame.chart
    needed = len(names) > 1 or isinstance(chart, PieChart)
    where = chart.legend or ("bottom" if needed else "none")
    if where == "none":
        return None
    told: dict[str, Any] = {
        "title": None,
        "orient": where,
        "labelExpr": f"{json.dumps(list(names))}[datum.value]",
        "symbolType": LIKE if lines else "square",
        "symbolOpacity": 1,
    }
    if lines:
        told |= {"symbolStrokeWidth": 2.5, "symbolSize": 200}
    if where == "bottom":
        widest = min(LONGEST_NAME, max(len(name) for name in names) * CHARACTER) + SYMBOL
        told |= {
            "direction": "horizontal",
            "columns": max(1, min(len(names), int(frame.width * 0.9 / widest))),
            "offset": 14,
        }
    return told
