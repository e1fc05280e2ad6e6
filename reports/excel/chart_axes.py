"""Axes and text of native charts: hairlines, soft labels, no more of them than can be read."""

import math
from typing import Any

from openpyxl.chart.axis import ChartLines, DateAxis, NumericAxis, TextAxis
from openpyxl.chart.data_source import NumFmt
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

from reports.axes import DAYS_A_YEAR, TIME_UNITS
from reports.excel.cell_styles import FONT
from reports.palette import HAIRLINE, RULE, SOFT

HAIR = 9_525  # EMU: three quarters of a point
TITLE_SIZE, TEXT_SIZE = 12.0, 9.0  # points
LABEL_WIDTH = 1.6  # centimetres of a date on an axis


def day_axis(days: float, width: float, title: str | None) -> Any:
    """Return an axis of time, so that a missing day leaves a gap. `width` is the chart's, in centimetres."""
    axis: Any = DateAxis(crossAx=100, axPos="b", baseTimeUnit="days")
    axis.numFmt, axis.majorTimeUnit, axis.majorUnit = _date_labels(days, max(2.0, width / LABEL_WIDTH))
    return _ruled(axis, title)


def name_axis(code: str, title: str | None) -> Any:
    axis: Any = TextAxis(crossAx=100, axPos="b")
    axis.noMultiLvlLbl = True
    axis.numFmt = NumFmt(code)
    return _ruled(axis, title)


def number_axis(code: str, title: str | None, *, down: bool = False) -> Any:
    axis: Any = NumericAxis(axPos="b" if down else "l")
    axis.numFmt = NumFmt(code)
    axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(w=HAIR, solidFill=HAIRLINE)))
    axis.spPr = GraphicalProperties(ln=LineProperties(noFill=True))
    return _finished(axis, title)


def _ruled(axis: Any, title: str | None) -> Any:
    axis.majorGridlines = None
    axis.spPr = GraphicalProperties(ln=LineProperties(w=HAIR, solidFill=RULE))
    return _finished(axis, title)


def _date_labels(days: float, room: float) -> tuple[NumFmt, str, int]:
    """The format, unit and distance of the labels, no more than there is room for."""
    for unit, length, code, steps in TIME_UNITS:
        for step in steps:
            if days / (step * length) <= room:
                return NumFmt(code), unit, step
    return NumFmt("yyyy"), "years", math.ceil(days / DAYS_A_YEAR / room)


def _finished(axis: Any, title: str | None) -> Any:
    axis.delete = False  # else some programs show no axis at all
    axis.tickLblPos = "low"  # at the edge of the plot, also where values are negative
    axis.majorTickMark = axis.minorTickMark = "none"
    axis.txPr = text()
    if title:
        axis.title = title_of(title, TEXT_SIZE, SOFT)
    return axis


def title_of(words: str, size: float, colour: str) -> Any:
    title: Any = title_maker(words)
    look = _characters(size, colour, bold=size == TITLE_SIZE)
    for paragraph in title.tx.rich.paragraphs:
        paragraph.pPr = ParagraphProperties(defRPr=look)
        for run in paragraph.r:
            run.rPr = look
    title.overlay = False
    return title


def text(colour: str = SOFT) -> RichText:
    look = ParagraphProperties(defRPr=_characters(TEXT_SIZE, colour))
    return RichText(RichTextProperties(), p=[Paragraph(pPr=look, r=(), endParaRPr=CharacterProperties())])


def _characters(size: float, colour: str, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=int(size * 100), b=bold, solidFill=colour, latin=Font(typeface=FONT))
