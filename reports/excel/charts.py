"""A chart as Excel's own: over the ranges of a table that has been written, with quiet axes and no ornament."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.etree import Element
from openpyxl.chart import AreaChart as NativeArea
from openpyxl.chart import BarChart as NativeBar
from openpyxl.chart import DoughnutChart as NativeRing
from openpyxl.chart import LineChart as NativeLine
from openpyxl.chart import PieChart as NativePie
from openpyxl.chart import ScatterChart as NativeScatter
from openpyxl.chart.axis import ChartLines, DateAxis, NumericAxis, TextAxis
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumFmt,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import Series, SeriesLabel, XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.chart.title import title_maker
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RichTextProperties,
)

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
from reports.errors import BadBlock
from reports.excel.letters import column_letter
from reports.excel.looks import FONT
from reports.formats import GENERAL, NUMBERS, Kind, format_code
from reports.palette import HAIRLINE, INK, PAPER, RULE, SOFT, ink_on, series_colour

EMU = 12_700  # of a point
LINE = int(2.25 * EMU)
HAIR = int(0.75 * EMU)
MARKER = 6  # points
TITLE_SIZE, TEXT_SIZE = 12.0, 9.0  # points
GAP = 50  # percent of a bar between two categories
HOLE = 60  # percent of a ring
SECOND_X, SECOND_Y = 20, 200  # numbers of the second pair of axes; openpyxl's own are 10, 100 and 500
LABEL_WIDTH = 1.6  # centimetres of a date on an axis
DAYS_A_YEAR = 365.25
TIME_UNITS = (  # of labels: the name, days, how they are shown, and every how many
    ("days", 1.0, "d mmm", (1, 2, 7, 14)),
    ("months", DAYS_A_YEAR / 12, "mmm yyyy", (1, 2, 3, 6)),
    ("years", DAYS_A_YEAR, "yyyy", (1, 2, 5, 10)),
)
GROUPINGS = {"none": "clustered", "stacked": "stacked", "percent": "percentStacked"}
PERCENT = "0%"


@dataclass(frozen=True)
class ChartedColumn:
    """`place` counts from 1. `texts` are the first values as they stand in the file."""

    header: str
    place: int
    kind: Kind | None
    code: str
    texts: Sequence[str | None]


@dataclass(frozen=True)
class Charted:
    """Where a table stands: its header's row, and the first and last of its body."""

    sheet: str
    header_row: int
    first: int
    last: int
    columns: Mapping[str, ChartedColumn]


def native_chart(chart: Chart, table: Charted) -> Any:
    """The XML of the chart's part. Raises BadBlock for a series that is no number."""
    for name in chart.series:
        kind = table.columns[name].kind
        if kind not in NUMBERS | {Kind.DURATION}:
            shown = "of several kinds" if kind is None else kind.value
            raise BadBlock(chart.kind, name, f"the column is {shown}, and a chart draws numbers")
    drawn = _Drawing(chart, table).native()
    tree = drawn._write()  # noqa: SLF001 # openpyxl gives it no other name
    if chart.title is None:
        _leave_untitled(tree)
    return tree


class _Drawing:
    """Draws one chart."""

    def __init__(self, chart: Chart, table: Charted) -> None:
        self.chart = chart
        self.table = table
        rows = table.last - table.first + 1
        self.rows = max(1, rows if chart.first is None else min(rows, chart.first))
        self.x = table.columns[chart.x]

    def native(self) -> Any:
        chart = self.chart
        native = self._kind()
        if chart.title is not None:
            native.title = _title(chart.title, TITLE_SIZE, INK)
        several = len(chart.series) > 1 or isinstance(chart, PieChart)
        where: Any = chart.legend or ("bottom" if several else "none")
        native.legend = None if where == "none" else Legend(legendPos=where[0], txPr=_text(), overlay=False)
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
        markers = (isinstance(self.chart, LineChart) and self.chart.markers) or self.rows == 1
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
            column = self.table.columns[name]
            line = LineProperties(w=LINE, solidFill=colour) if chart.line else LineProperties(noFill=True)
            series = XYSeries(number, number, self._label(name), GraphicalProperties(ln=line))
            series.xVal = AxDataSource(numRef=self._numbers(self.x))
            series.yVal = NumDataSource(numRef=self._numbers(column))
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
            for number in range(self.rows)
        ]
        series.dLbls = DataLabelList(
            showPercent=True,
            showVal=False,
            showCatName=False,
            showSerName=False,
            showLegendKey=False,
            showLeaderLines=not chart.hole,
            numFmt=PERCENT,
            txPr=_text(INK),
            dLblPos=None if chart.hole else "outEnd",
        )
        if chart.hole:
            series.dLbls.dLbl = [self._ring_label(number) for number in range(self.rows)]
        native.series.append(series)
        return native

    def _ring_label(self, number: int) -> DataLabel:
        """Stands on the ring, whose parts are dark and light."""
        return DataLabel(
            idx=number,
            numFmt=PERCENT,
            txPr=_text(ink_on(series_colour(number))),
            showPercent=True,
            showVal=False,
            showCatName=False,
            showSerName=False,
            showLegendKey=False,
        )

    def _series(self, number: int, name: str) -> Any:
        series = Series(number, number, self._label(name))
        series.val = NumDataSource(numRef=self._numbers(self.table.columns[name]))
        series.cat = self._category_values()
        return series

    def _category_values(self) -> AxDataSource:
        if self.x.kind in {None, Kind.TEXT, Kind.BOOLEAN, Kind.FORMULA}:
            texts = [
                StrVal(place, text) for place, text in enumerate(self._first(self.x)) if text is not None
            ]
            cache = StrData(ptCount=self.rows, pt=texts) if self._is_whole(self.x) else None
            return AxDataSource(strRef=StrRef(self._range(self.x), cache))
        return AxDataSource(numRef=self._numbers(self.x))

    def _numbers(self, column: ChartedColumn) -> NumRef:
        if not self._is_whole(column):
            return NumRef(self._range(column))
        values = [
            NumVal(idx=n, v=float(text)) for n, text in enumerate(self._first(column)) if text is not None
        ]
        return NumRef(self._range(column), NumData(column.code, self.rows, values))

    def _first(self, column: ChartedColumn) -> Sequence[str | None]:
        return column.texts[: self.rows]

    def _is_whole(self, column: ChartedColumn) -> bool:
        """Whether all values that are drawn were kept, so that viewers which do not calculate can draw them."""
        return len(column.texts) >= self.rows

    def _label(self, name: str) -> SeriesLabel:
        column = self.table.columns[name]
        place = f"{_sheet(self.table.sheet)}!${column_letter(column.place)}${self.table.header_row}"
        return SeriesLabel(StrRef(place, StrData(1, [StrVal(0, column.header)])))

    def _range(self, column: ChartedColumn) -> str:
        letter, last = column_letter(column.place), self.table.first + self.rows - 1
        return f"{_sheet(self.table.sheet)}!${letter}${self.table.first}:${letter}${last}"

    def _categories(self, *, dates: bool = True) -> Any:
        """Days get an axis of time, so that one that is missing leaves a gap."""
        if dates and self.x.kind is Kind.DATE:
            axis: Any = DateAxis(crossAx=100, axPos="b", baseTimeUnit="days")
            axis.numFmt, axis.majorTimeUnit, axis.majorUnit = self._date_labels()
        else:
            axis = TextAxis(crossAx=100, axPos="b")
            axis.noMultiLvlLbl = True
            axis.numFmt = NumFmt(self.x.code)
        axis.majorGridlines = None
        axis.spPr = GraphicalProperties(ln=LineProperties(w=HAIR, solidFill=RULE))
        return _finished(axis, self.chart.x_title)

    def _values(
        self, names: Sequence[str], given: str | None, title: str | None, *, down: bool = False
    ) -> Any:
        axis: Any = NumericAxis(axPos="b" if down else "l")
        first = self.table.columns[names[0]]
        axis.crossAx = 500 if not down and isinstance(self._categories(), DateAxis) else 10
        axis.numFmt = NumFmt(axis_code(first.code) if given is None else _given_code(given))
        axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(w=HAIR, solidFill=HAIRLINE)))
        axis.spPr = GraphicalProperties(ln=LineProperties(noFill=True))
        return _finished(axis, title)

    def _date_labels(self) -> tuple[NumFmt, str, int]:
        """The format, unit and distance of the labels, no more than stand beside each other."""
        days = [float(text) for text in self._first(self.x) if text is not None]
        span = max(days) - min(days) if days else 0
        room = max(2.0, self.chart.width / LABEL_WIDTH)
        for unit, length, code, steps in TIME_UNITS:
            for step in steps:
                if span / (step * length) <= room:
                    return NumFmt(code), unit, step
        return NumFmt("yyyy"), "years", math.ceil(span / DAYS_A_YEAR / room)


def axis_code(code: str) -> str:
    """A column's format without its decimals, which an axis has no use for; small numbers keep Excel's own way."""
    if code == GENERAL:
        return GENERAL
    return re.sub(r"\.[0#?]+", "", code) if "%" in code or "#,##0" in code else code


def _given_code(given: str) -> str:
    """A format that only has a name counts as on any axis; a code is as it was given."""
    code = format_code(given)
    return axis_code(code) if code != given else code


def _finished(axis: Any, title: str | None) -> Any:
    axis.delete = False  # else some programs show no axis at all
    axis.tickLblPos = "low"  # at the edge of the plot, also where values are negative
    axis.majorTickMark = axis.minorTickMark = "none"
    axis.txPr = _text()
    if title:
        axis.title = _title(title, TEXT_SIZE, SOFT)
    return axis


def _filled(colour: str) -> GraphicalProperties:
    return GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))


def _marker(colour: str) -> Marker:
    ground = GraphicalProperties(solidFill=colour, ln=LineProperties(w=HAIR, solidFill=PAPER))
    return Marker(symbol="circle", size=MARKER, spPr=ground)


def _title(text: str, size: float, colour: str) -> Any:
    title: Any = title_maker(text)
    look = _characters(size, colour, bold=size == TITLE_SIZE)
    for paragraph in title.tx.rich.paragraphs:
        paragraph.pPr = ParagraphProperties(defRPr=look)
        for run in paragraph.r:
            run.rPr = look
    title.overlay = False
    return title


def _text(colour: str = SOFT) -> RichText:
    look = ParagraphProperties(defRPr=_characters(TEXT_SIZE, colour))
    return RichText(RichTextProperties(), p=[Paragraph(pPr=look, r=(), endParaRPr=CharacterProperties())])


def _characters(size: float, colour: str, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=int(size * 100), b=bold, solidFill=colour, latin=Font(typeface=FONT))


def _sheet(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"'{quoted}'"


def _leave_untitled(tree: Any) -> None:
    """Excel would give a chart of one series the title of that."""
    tree.find("chart").insert(0, Element("autoTitleDeleted", val="1"))
