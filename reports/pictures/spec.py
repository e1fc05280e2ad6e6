"""A chart in Vega-Lite's words: quiet axes, no ornament. All numbers are ready; only pixels are left to it."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts import (
    AreaChart,
    BarChart,
    Chart,
    ColumnChart,
    ComboChart,
    LineChart,
    PieChart,
    ScatterChart,
)
from reports.number_formats.formats import format_code
from reports.pictures.colours import Colours
from reports.pictures.data import Plot
from reports.pictures.frame import FONT, TITLE_SIZE, Frame, config, legend
from reports.pictures.labels import upright_labels
from reports.pictures.shapes import areas, bars, heights, lone_points, points, slices, unit_of
from reports.pictures.slices import pie
from reports.pictures.ticks import Axis, date_axis, number_axis

PIXELS = 96 / 2.54  # of a centimetre
LABEL_WIDTH = 1.6  # centimetres of a date on an axis
TICK_HEIGHT = 45.0  # pixels between two labels of an upright axis, about
TICK_WIDTH = 80.0
SHORTEST = 14.0  # pixels between the labels of two lying bars
FEWEST = 4  # categories whose room is taken, so that a single bar is no wall
STROKE = 2.25
DOT = 45  # square pixels
LIGHTER = 0.8  # an area before others
PERCENT = "0%"
Spec = dict[str, Any]


def spec_of(chart: Chart, plot: Plot, colours: Colours) -> Spec:
    """`width` and `height` are those of the whole picture, in pixels."""
    whole: Spec = {
        "width": round(chart.width * PIXELS),
        "height": round(chart.height * PIXELS),
        "padding": 10,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": colours.paper,
        "config": config(colours),
    }
    if chart.title is not None:
        whole["title"] = {"text": chart.title, "anchor": "middle", "limit": whole["width"] - 30}
    frame = Frame(chart, colours, whole["width"], whole["height"])
    if plot.is_empty or (isinstance(chart, PieChart) and not slices(plot)):
        return whole | _nothing(colours)
    if isinstance(chart, PieChart):
        return whole | pie(chart, plot, frame)
    return whole | _Drawing(chart, plot, frame).layers()


class _Drawing:
    """A chart with two axes, or three."""

    def __init__(self, chart: Chart, plot: Plot, frame: Frame) -> None:
        self.chart = chart
        self.plot = plot
        self.colours = frame.colours
        self.frame = frame
        self.lying = isinstance(chart, BarChart)
        self.stacking = chart.stacking if isinstance(chart, ColumnChart | AreaChart) else "none"
        self.all = range(len(plot.values))
        self.colour = {
            "field": "s",
            "type": "nominal",
            "scale": {
                "domain": list(self.all),
                "range": [frame.colours.of_series(number) for number in self.all],
            },
            "legend": legend(frame, plot.names, lines=isinstance(chart, LineChart | ScatterChart)),
        }

    def layers(self) -> Spec:
        chart, plot = self.chart, self.plot
        if isinstance(chart, ComboChart):
            return self._combo(chart)
        if isinstance(chart, ScatterChart):
            dots = [row for row in points(plot, self.all) if row["a"] is not None and row["d"] is not None]
            lines = [self._line(self.all)] if chart.line else []
            drawn: list[Spec] = [*lines, self._dots(dots)]
        elif isinstance(chart, ColumnChart):
            placed = heights(plot.values, self.stacking)
            return self._finished([self._bars(self.all, placed)], placed)
        elif isinstance(chart, AreaChart):
            placed = heights(plot.values, self.stacking)
            return self._finished([self._areas(placed)], placed)
        else:
            marked = isinstance(chart, LineChart) and chart.markers
            dots = points(plot, self.all) if marked else lone_points(plot, self.all)
            drawn = [self._line(self.all), self._dots(dots)]
        return self._finished(drawn, None)

    def _combo(self, chart: ComboChart) -> Spec:
        columns, over = range(len(chart.values)), range(len(chart.values), len(chart.series))
        placed = heights(self.plot.values[: len(columns)], "none")
        one = self._height_axis(columns, None, None if chart.second_axis else placed)
        other = one
        if chart.second_axis:
            one = self._height_axis(columns, placed, None)
            other = self._height_axis(over, None, None, given=chart.lines_format)
        else:
            one = other = self._height_axis(self.all, placed, None)
        left = self._encoding(one, chart.y_title)
        right = left
        if chart.second_axis:
            right = self._encoding(other, chart.second_title)
            right["axis"] |= {"orient": "right", "grid": False}
        along = self._along()
        lines = [self._line(over), self._dots(lone_points(self.plot, over))]
        layers = [_placed(self._bars(columns, placed), "x", along, "y", left)]
        layers += [_placed(line, "x", along, "y", right) for line in lines]
        shared: Spec = {"layer": layers}
        if chart.second_axis:
            shared = {
                "layer": [layers[0], {"layer": layers[1:]}],
                "resolve": {"scale": {"y": "independent"}},
            }
        return shared

    def _finished(self, layers: list[Spec], placed: Any) -> Spec:
        axis = self._height_axis(self.all, placed, None)
        height = self._encoding(axis, self.chart.y_title)
        along = self._along()
        a, d = ("y", "x") if self.lying else ("x", "y")
        return {"layer": [_placed(layer, a, along, d, height) for layer in layers]}

    def _height_axis(
        self, series: Sequence[int], placed: Any, more: Any, *, given: str | None = None
    ) -> Axis:
        """Of values; `placed` are the ends of bars and areas, which begin at zero."""
        chosen = given or self.chart.format
        code = format_code(chosen) if chosen else self.plot.codes[series[0]]
        if self.stacking == "percent":
            code, chosen = PERCENT, None
        ends = [
            end for part in (placed, more) if part for values in part for one in values if one for end in one
        ]
        numbers = [value for number in series for value in self.plot.values[number] if value is not None]
        if placed and self.stacking != "none":
            numbers = []
        room = self.frame.width / TICK_WIDTH if self.lying else self.frame.height * 0.7 / TICK_HEIGHT
        exact = bool(chosen) and format_code(chosen or "") == chosen
        return number_axis([*numbers, *ends], code, max(2, int(room)), from_zero=bool(placed), given=exact)

    def _along(self) -> Spec:
        """The axis of categories, days, or numbers of a scatter."""
        plot, side = self.plot, "y" if self.lying else "x"
        there = [x for x in plot.x if x is not None]
        if plot.labels is not None:
            return self._categories(side, plot.labels)
        if plot.is_dates:
            axis = date_axis(there, max(2.0, self.chart.width / LABEL_WIDTH))
            edge = unit_of(plot) / 2 if isinstance(self.chart, ColumnChart | ComboChart) else 0.0
            if isinstance(self.chart, ScatterChart) or axis.low == axis.high:
                edge = max(edge, (axis.high - axis.low) / 50, 0.5)
            axis = Axis(axis.low - edge, axis.high + edge, axis.ticks, axis.labels)
        elif isinstance(self.chart, ScatterChart):
            axis = number_axis(
                there, plot.x_code, max(2, int(self.frame.width / TICK_WIDTH)), from_zero=False, given=False
            )
        encoding = self._encoding(axis, self.chart.x_title)
        encoding["axis"] |= {"grid": isinstance(self.chart, ScatterChart), "domain": True}
        return encoding

    def _categories(self, side: str, labels: Sequence[str]) -> Spec:
        count = len(labels)
        edge = 0.0 if isinstance(self.chart, AreaChart) and count > 1 else max(0.5, (FEWEST - count) / 2)
        if isinstance(self.chart, LineChart) and count > 1:
            edge = 0.3
        room = self.frame.height * 0.75 / max(1, count)
        lines: Sequence[str | list[str]] = labels
        options: Spec = {"labelLimit": self.frame.width // 3}
        every = max(1, math.ceil(SHORTEST / room))
        if side == "x":
            lines, every, options = upright_labels(labels, self.frame.width * 0.85 / max(1, count))
        ticks = tuple(float(place) for place in range(0, count, every))
        axis = Axis(-edge, max(0, count - 1) + edge, ticks, tuple(lines[::every]))
        encoding = self._encoding(axis, self.chart.x_title)
        encoding["axis"] |= {"grid": False, "domain": True, **options}
        if side == "y":
            encoding["scale"]["reverse"] = True
        return encoding

    def _encoding(self, axis: Axis, title: str | None) -> Spec:
        ticks, labels = json.dumps(axis.ticks), json.dumps(axis.labels)
        quiet: Spec = {
            "values": list(axis.ticks),
            "labelExpr": f"{labels}[indexof({ticks}, datum.value)]",
            "title": title,
            "domain": False,
            "grid": True,
        }
        if axis.low < 0 < axis.high:
            quiet["gridColor"] = {
                "condition": {"test": "datum.value === 0", "value": self.colours.rule},
                "value": self.colours.hairline,
            }
        scale = {"domain": [axis.low, axis.high], "nice": False, "zero": False}
        return {"type": "quantitative", "scale": scale, "axis": quiet}

    def _bars(self, series: Sequence[int], placed: Any) -> Spec:
        return self._layer({"type": "rect"}, bars(self.plot, list(series), placed), "abcd")

    def _areas(self, placed: Any) -> Spec:
        several = self.stacking == "none" and len(placed) > 1
        mark = {"type": "area", "fillOpacity": LIGHTER if several else 1, "line": False}
        return self._layer(mark, areas(self.plot, placed), "acd")

    def _line(self, series: Sequence[int]) -> Spec:
        mark = {"type": "line", "strokeWidth": STROKE, "strokeCap": "round", "strokeJoin": "round"}
        layer = self._layer(mark, points(self.plot, series), "ad")
        layer["encoding"]["order"] = {"field": "n", "type": "quantitative"}
        for number, row in enumerate(layer["data"]["values"]):
            row["n"] = number
        return layer

    def _dots(self, rows: Sequence[Mapping[str, Any]]) -> Spec:
        mark = {
            "type": "point",
            "shape": "circle",
            "filled": True,
            "size": DOT,
            "opacity": 1,
            "stroke": self.colours.paper,
            "strokeWidth": 0.75,
        }
        there = [row for row in rows if row["a"] is not None and row["d"] is not None]
        return self._layer(mark, there, "ad")

    def _layer(self, mark: Spec, rows: Sequence[Mapping[str, Any]], ends: str) -> Spec:
        return {
            "mark": mark,
            "data": {"values": [dict(row) for row in rows]},
            "ends": ends,
            "encoding": {"color": self.colour},
        }


def _placed(layer: Spec, along: str, place: Spec, across: str, height: Spec) -> Spec:
    """A layer with its places: `a` to `b` along, `c` to `d` across."""
    ends = layer.pop("ends")
    channels: Spec = {along: {"field": "a", **place}, across: {"field": "d", **height}}
    if "b" in ends:
        channels[f"{along}2"] = {"field": "b"}
    if "c" in ends:
        channels[f"{across}2"] = {"field": "c"}
    return {**layer, "encoding": {**layer["encoding"], **channels}}


def _nothing(colours: Colours) -> Spec:
    return {
        "data": {"values": [{}]},
        "mark": {
            "type": "text",
            "text": "no data",
            "color": colours.soft,
            "fontSize": TITLE_SIZE,
            "font": FONT,
        },
        "view": {"stroke": None},
    }
