"""A chart as Excel's own: over the ranges of a table that has been written, with quiet axes and no ornament."""

from collections.abc import Sequence
from typing import Any

from lxml.etree import Element
from openpyxl.chart import AreaChart as NativeArea
from openpyxl.chart import BarChart as NativeBar
from openpyxl.chart import DoughnutChart as NativeRing
from openpyxl.chart import LineChart as NativeLine
from openpyxl.chart import PieChart as NativePie
from openpyxl.chart import ScatterChart as NativeScatter
from openpyxl.chart.axis import DateAxis
from openpyxl.chart.data_source import AxDataSource, NumDataSource
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import Series, XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from reports.axes import axis_code, given_code
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
from reports.excel.chart_axes import (
    HAIR,
    TITLE_SIZE,
    day_axis,
    name_axis,
    number_axis,
    text,
    title_of,
)
from reports.excel.chart_data import ChartData, Charted
from reports.number_formats.formats import Kind
from reports.palette import HAIRLINE, INK, PAPER, ink_on, series_colour

EMU = 12_700  # of a point
LINE = int(2.25 * EMU)
MARKER = 6  # points
GAP = 50  # percent of a bar between two categories
HOLE = 60  # percent of a ring
SECOND_X, SECOND_Y = 20, 200  # numbers of the second pair of axes; openpyxl's own are 10, 100 and 500
GROUPINGS = {"none": "clustered", "stacked": "stacked", "percent": "percentStacked"}
PERCENT = "0%"


def native_chart(chart: Chart, table: Charted) -> Any:
    """The XML of the chart's part. Raises BadBlock for a series that is no number."""
    drawn = _NativeChart(chart, ChartData(chart, table)).native()
    tree = drawn._write()  # noqa: SLF001 # openpyxl gives it no other name
    if chart.title is None:
        _leave_untitled(tree)
    return tree


class _NativeChart:
    """Draws one chart."""

    def __init__(self, chart: Chart, data: ChartData) -> None:
        self.chart = chart
        self.data = data

    def native(self) -> Any:
        chart = self.chart
        native = self._kind()
        if chart.title is not None:
            native.title = title_of(chart.title, TITLE_SIZE, INK)
        several = len(chart.series) > 1 or isinstance(chart, PieChart)
        where: Any = chart.legend or ("bottom" if several else "none")
        native.legend = None if where == "none" else Legend(legendPos=where[0], txPr=text(), overlay=False)
        native.roundedCorners = False
        native.graphical_properties = GraphicalProperties(
            solidFill=PAPER, ln=LineProperties(w=HAIR, solidFill=HAIRLINE)
        )
        return native

    def _kind(self) -> Any:
        chart = self.chart
        if isinstance(chart, PieChart):
            return self._pie(chart)
        if isinstance(chart, ScatterChart):
            return self._scatter(chart)
        if isinstance(chart, ComboChart):
            return self._combo(chart)
        if isinstance(chart, ColumnChart):
            return self._bars(chart, chart.values, chart.stacking)
        if isinstance(chart, AreaChart):
            return self._area(chart)
        return self._lines(chart.values)

    def _bars(self, chart: Chart, names: Sequence[str], stacking: str = "none") -> Any:
        lying = isinstance(chart, BarChart)
        native = NativeBar(barDir="bar" if lying else "col", grouping=GROUPINGS[stacking], gapWidth=GAP)
        native.overlap = 0 if stacking == "none" else 100
        for number, name in enumerate(names):
            series = self._series(number, name)
            series.spPr = _filled(series_colour(number))
            series.invertIfNegative = False
            native.series.append(series)
        native.x_axis = self._categories(dates=not lying)
        native.y_axis = self._values(names, PERCENT if stacking == "percent" else chart.format, chart.y_title)
        if lying:  # the first row at the top, and the numbers below all the same
            native.x_axis.scaling.orientation = "maxMin"
            native.y_axis.crosses = "max"
            native.x_axis.axPos, native.y_axis.axPos, native.y_axis.tickLblPos = "l", "b", "nextTo"
        return native

    def _lines(self, names: Sequence[str], begin: int = 0, given: str | None = None) -> Any:
        native = NativeLine(grouping="standard")
        markers = (isinstance(self.chart, LineChart) and self.chart.markers) or self.data.rows == 1
        for number, name in enumerate(names, start=begin):
            series = self._series(number, name)
            colour = series_colour(number)
            series.spPr = GraphicalProperties(ln=LineProperties(w=LINE, solidFill=colour, cap="rnd"))
            series.marker = _marker(colour) if markers else Marker(symbol="none")
            series.smooth = False
            native.series.append(series)
        native.x_axis = self._categories()
        native.y_axis = self._values(names, given or self.chart.format, self.chart.y_title)
        return native

    def _area(self, chart: AreaChart) -> Any:
        grouping = "standard" if chart.stacking == "none" else GROUPINGS[chart.stacking]
        native = NativeArea(grouping=grouping)
        for number, name in enumerate(chart.values):
            series = self._series(number, name)
            series.spPr = _filled(series_colour(number))
            native.series.append(series)
        native.x_axis = self._categories()
        native.y_axis = self._values(
            chart.values, PERCENT if chart.stacking == "percent" else chart.format, chart.y_title
        )
        return native

    def _combo(self, chart: ComboChart) -> Any:
        native = self._bars(chart, chart.values)
        lines = self._lines(chart.over, len(chart.values), chart.lines_format)
        if chart.second_axis:
            lines.x_axis = self._categories()
            lines.x_axis.axId, lines.x_axis.crossAx, lines.x_axis.delete = SECOND_X, SECOND_Y, True
            lines.y_axis = self._values(chart.over, chart.lines_format, chart.second_title)
            lines.y_axis.axId, lines.y_axis.crossAx = SECOND_Y, SECOND_X
            lines.y_axis.majorGridlines, lines.y_axis.crosses, lines.y_axis.tickLblPos = None, "max", "nextTo"
        native += lines
        return native

    def _scatter(self, chart: ScatterChart) -> Any:
        native = NativeScatter(scatterStyle="lineMarker")
        for number, name in enumerate(chart.values):
            colour = series_colour(number)
            column = self.data.table.columns[name]
            line = LineProperties(w=LINE, solidFill=colour) if chart.line else LineProperties(noFill=True)
            series = XYSeries(number, number, self.data.label(name), GraphicalProperties(ln=line))
            series.xVal = AxDataSource(numRef=self.data.numbers(self.data.x))
            series.yVal = NumDataSource(numRef=self.data.numbers(column))
            series.marker, series.smooth = _marker(colour), False
            native.series.append(series)
        native.x_axis = self._values((chart.x,), None, chart.x_title, down=True)
        native.y_axis = self._values(chart.values, chart.format, chart.y_title)
        native.x_axis.axId, native.x_axis.crossAx, native.y_axis.crossAx = 10, 100, 10
        return native

    def _pie(self, chart: PieChart) -> Any:
        native = NativeRing(holeSize=HOLE) if chart.hole else NativePie()
        native.firstSliceAng = 0
        series = self._series(0, chart.series[0])
        edge = LineProperties(w=EMU, solidFill=PAPER)
        series.dPt = [
            DataPoint(idx=number, spPr=GraphicalProperties(solidFill=series_colour(number), ln=edge))
            for number in range(self.data.rows)
        ]
        series.dLbls = DataLabelList(
            showPercent=True,
            showVal=False,
            showCatName=False,
            showSerName=False,
            showLegendKey=False,
            showLeaderLines=not chart.hole,
            numFmt=PERCENT,
            txPr=text(INK),
            dLblPos=None if chart.hole else "outEnd",
        )
        if chart.hole:
            series.dLbls.dLbl = [self._ring_label(number) for number in range(self.data.rows)]
        native.series.append(series)
        return native

    def _ring_label(self, number: int) -> DataLabel:
        """Stands on the ring, whose parts are dark and light."""
        return DataLabel(
            idx=number,
            numFmt=PERCENT,
            txPr=text(ink_on(series_colour(number))),
            showPercent=True,
            showVal=False,
            showCatName=False,
            showSerName=False,
            showLegendKey=False,
        )

    def _series(self, number: int, name: str) -> Any:
        series = Series(number, number, self.data.label(name))
        series.val = NumDataSource(numRef=self.data.numbers(self.data.table.columns[name]))
        series.cat = self.data.categories()
        return series

    def _categories(self, *, dates: bool = True) -> Any:
        if dates and self.data.x.kind is Kind.DATE:
            return day_axis(self.data.days(), self.chart.width, self.chart.x_title)
        return name_axis(self.data.x.code, self.chart.x_title)

    def _values(
        self, names: Sequence[str], given: str | None, title: str | None, *, down: bool = False
    ) -> Any:
        code = axis_code(self.data.table.columns[names[0]].code, self.data.largest(names))
        axis = number_axis(code if given is None else given_code(given), title, down=down)
        axis.crossAx = 500 if not down and isinstance(self._categories(), DateAxis) else 10
        return axis


def _filled(colour: str) -> GraphicalProperties:
    return GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))


def _marker(colour: str) -> Marker:
    ground = GraphicalProperties(solidFill=colour, ln=LineProperties(w=HAIR, solidFill=PAPER))
    return Marker(symbol="circle", size=MARKER, spPr=ground)


def _leave_untitled(tree: Any) -> None:
    """Excel would give a chart of one series the title of that."""
    tree.find("chart").insert(0, Element("autoTitleDeleted", val="1"))
