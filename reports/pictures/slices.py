"""A pie or a ring in Vega-Lite's words."""

import math
from itertools import accumulate
from typing import Any

from reports.charts import PieChart
from reports.number_formats.render import shown
from reports.palette import PAPER, ink_on
from reports.pictures.data import Plot
from reports.pictures.frame import FONT, TEXT_SIZE, Frame, legend
from reports.pictures.shapes import SLICES, Slice, slices

HOLE = 0.6  # of a ring
AROUND = 24  # pixels for the labels of a pie
LEAST_LABELLED = 0.03  # the labels of smaller slices would stand on top of each other
STEADY_INK = "1D1C1B"  # the palette's, but none that a dark page turns light: its slices are light there too
FULL = 2 * math.pi


def pie(chart: PieChart, plot: Plot, frame: Frame) -> dict[str, Any]:
    found = slices(plot)
    colours = frame.colours
    range_ = [_colour(frame, number, found) for number in range(len(found))]
    colour = {
        "field": "s",
        "type": "nominal",
        "scale": {"domain": list(range(len(found))), "range": range_},
        "legend": legend(frame, [one.name for one in found]),
    }
    ends = list(accumulate((one.share * FULL for one in found), initial=0.0))
    rows: list[dict[str, Any]] = [
        {
            "s": number,
            "a": ends[number],
            "b": ends[number + 1],
            "m": (ends[number] + ends[number + 1]) / 2,
            "t": shown(one.share, "0%") if one.share >= LEAST_LABELLED else "",
            "i": _on_ring(range_[number]) if chart.hole else colours.ink,
        }
        for number, one in enumerate(found)
    ]
    radius = "min(width,height)/2"
    outer = radius if chart.hole else f"max(10,{radius}-{AROUND})"
    arc = {
        "mark": {
            "type": "arc",
            "outerRadius": {"expr": outer},
            "innerRadius": {"expr": f"{radius}*{HOLE if chart.hole else 0}"},
            "stroke": colours.paper,
            "strokeWidth": 1,
        },
        "encoding": {
            "theta": {"field": "a", "type": "quantitative", "scale": None},
            "theta2": {"field": "b"},
            "color": colour,
        },
    }
    text = {
        "mark": {
            "type": "text",
            "font": FONT,
            "fontSize": TEXT_SIZE,
            "radius": {"expr": f"{radius}*{(1 + HOLE) / 2}" if chart.hole else f"{radius}-{AROUND / 3}"},
        },
        "encoding": {
            "theta": {"field": "m", "type": "quantitative", "scale": None},
            "text": {"field": "t"},
            "color": {"field": "i", "type": "nominal", "scale": None, "legend": None},
        },
    }
    return {"data": {"values": rows}, "layer": [arc, text], "resolve": {"scale": {"color": "independent"}}}


def _on_ring(ground: str) -> str:
    return f"#{PAPER}" if ink_on(ground.lstrip("#")) == PAPER else f"#{STEADY_INK}"


def _colour(frame: Frame, number: int, found: list[Slice]) -> str:
    is_rest = len(found) == SLICES and number == SLICES - 1 and found[-1].name.endswith(" others")
    return frame.colours.others if is_rest else frame.colours.of_series(number)
