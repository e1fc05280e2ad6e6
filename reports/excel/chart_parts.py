"""Charts on a sheet: where they stand, and how they get their ranges once all tables are written."""

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from openpyxl.chart._chart import ChartBase
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor, SpreadsheetDrawing
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils.units import cm_to_EMU

from reports.charts import Chart
from reports.excel.cell_styles import LINE_HEIGHT
from reports.excel.chart_data import Charted
from reports.excel.charts import native_chart
from reports.excel.page import Span
from reports.excel.sheet_writer import Rows

POINTS = 72 / 2.54  # of a centimetre
PIXELS = 96 / 2.54  # of a centimetre, on Excel's screen
INSET = 0.1  # centimetres
EMPTY_COLUMN = 9.0  # characters
CHARACTER = 7.0  # pixels of a column's width, at the size of the body's font

Where = Callable[[], Charted]


class DrawnChart(ChartBase):
    """A chart that is drawn when its part is written, which comes after all sheets."""

    def __init__(self, chart: Chart, where: Where) -> None:
        super().__init__()
        self.chart = chart
        self.where = where

    def _write(self) -> Any:
        return native_chart(self.chart, self.where())


class Drawing(SpreadsheetDrawing):
    """A sheet's charts, each with words for those who cannot see it."""

    __elements__ = SpreadsheetDrawing.__elements__  # openpyxl's metaclass gives each class its own

    def _chart_frame(self, idx: int) -> Any:
        frame = super()._chart_frame(idx)  # type: ignore[misc] # not in the stubs
        frame.nvGraphicFramePr.cNvPr.descr = self.charts[idx - 1].chart.description
        return frame


class ChartPart:
    """A chart between blocks, over as many rows as it is high."""

    def __init__(self, chart: Chart, where: Where) -> None:
        self.chart = chart
        self.where = where
        self.rows = rows_of(chart)

    def write(self, rows: Rows, first: int) -> int:
        place_chart(rows, self.chart, self.where, first, 1)
        return first + self.rows


class BesidePart:
    """Charts to the right of the table that comes next, one below the other from its first row on.

    Not from its header on: that stays in place while rows scroll by, and is printed on each page.
    """

    def __init__(self, charts: Sequence[Chart], where: Where, column: int, header_rows: int) -> None:
        self.charts = charts
        self.where = where
        self.column = column
        self.header_rows = header_rows
        self.below = 1  # the first row that they leave free, once they stand

    @property
    def rows(self) -> int:
        """Return how many rows it covers, from the first of the header's on."""
        return self.header_rows + sum(rows_of(chart) + 1 for chart in self.charts) - 1

    @property
    def width(self) -> float:
        """Return the width in characters, with the empty column before them."""
        return EMPTY_COLUMN + max(width_of(chart) for chart in self.charts)

    def spans(self, first: int) -> list[Span]:
        """Return where they stand if the table's header begins in that row."""
        ends = accumulate((rows_of(chart) + 1 for chart in self.charts), initial=first + self.header_rows)
        return [Span(first, rows_of(chart)) for first, chart in zip(ends, self.charts, strict=False)]

    def write(self, rows: Rows, first: int) -> int:
        spans = self.spans(first)
        for chart, span in zip(self.charts, spans, strict=True):
            place_chart(rows, chart, self.where, span.first, self.column)
        self.below = spans[-1].first + spans[-1].rows
        return first


class BelowPart:
    """Nothing, down to where the charts beside a table end: what follows must not run below them."""

    def __init__(self, beside: BesidePart) -> None:
        self.beside = beside

    def write(self, rows: Rows, first: int) -> int:  # noqa: ARG002 # like every part
        return max(first, self.beside.below)


def place_chart(rows: Rows, chart: Chart, where: Where, row: int, column: int) -> None:
    """Put the chart's upper left corner into a cell, a little off its edges: on an edge it counts to both rows."""
    off = _emu(INSET)
    corner = AnchorMarker(col=column - 1, row=row - 1, colOff=off, rowOff=off)
    size = XDRPositiveSize2D(_emu(chart.width), _emu(chart.height))
    drawn: Any = DrawnChart(chart, where)
    drawn.anchor = OneCellAnchor(corner, size)
    rows.ws.add_chart(drawn)


def rows_of(chart: Chart) -> int:
    """Rows of usual height that it covers."""
    return math.ceil((chart.height + INSET) * POINTS / LINE_HEIGHT)


def width_of(chart: Chart) -> float:
    """Return the width in characters, as columns count."""
    return chart.width * PIXELS / CHARACTER


def _emu(centimetres: float) -> int:
    return int(cm_to_EMU(centimetres))  # type: ignore[no-untyped-call] # not in the stubs
