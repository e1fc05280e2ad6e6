"""Widths of columns that show what they hold. In characters, Excel's own unit."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from reports.marks import DataBar, IconSet, Mark
from reports.number_formats.formats import GENERAL, Facts, Kind
from reports.number_formats.render import shown
from reports.tables.column_scan import ColumnScan
from reports.text import shown_width

NARROWEST = 8
WIDEST = 60  # longer text runs on or is cut on the screen, never in the file
ICON, BAR = 3, 4  # characters
PADDING = 3  # an indent, and air
FILTER_BUTTON = 3  # characters that the drop-down covers
HEADER_LINES = 2
SHORT_HEADER = 12  # characters that stay on one line
LONGEST_DAY = datetime(2026, 9, 30, 22, 58, 58)  # noqa: DTZ001 # a Wednesday in September: no names are longer
# What is measured for values that differ in nothing but names and digits. A duration has room for ten hours.
MOMENTS = {
    Kind.DATE: LONGEST_DAY.date(),
    Kind.DATETIME: LONGEST_DAY,
    Kind.TIME: LONGEST_DAY.time(),
    Kind.DURATION: timedelta(hours=10),
}


def column_width(header: str, scan: ColumnScan) -> float:
    """Return how wide a column must be for its header and for the values that were scanned."""
    codes = scan.codes
    content = max((_content_width(kind, facts, codes[kind]) for kind, facts in scan.facts.items()), default=0)
    return float(min(max(content + PADDING, header_width(header), NARROWEST), WIDEST))


def room_for(marks: Sequence[Mark]) -> float:
    """Characters that signs and bars take beside the numbers."""
    icons = any(isinstance(mark, IconSet) for mark in marks)
    bars = any(isinstance(mark, DataBar) for mark in marks)
    return ICON * icons + BAR * bars


def header_lines(header: str, width: float) -> int:
    """Lines that the header takes beside its filter's button when wrapped at words, as Excel does."""
    return text_lines(header, width - FILTER_BUTTON)


def text_lines(text: str, width: float) -> int:
    """Lines that a text takes in a column of this width; a word that is wider is broken."""
    if "\n" in text:
        return sum(text_lines(line, width) for line in text.split("\n"))
    if shown_width(text) <= width:
        return 1
    lines, room = 1, 0
    for word in text.split():
        size = shown_width(word)
        if room and room + 1 + size > width:
            lines, room = lines + 1, size
        else:
            room += size + (1 if room else 0)
        lines, room = (
            lines + max(0, math.ceil(room / width) - 1),
            room if room <= width else int(room % width),
        )
    return lines


def header_width(header: str) -> int:
    """Wide enough for its longest word, and for the whole in a few lines."""
    widest_word = max(map(len, header.split()))
    width = max(widest_word, min(len(header), SHORT_HEADER)) + FILTER_BUTTON + 1
    while header_lines(header, width) > HEADER_LINES:
        width += 1
    return width


def _content_width(kind: Kind, facts: Facts, code: str) -> int:
    """A number that does not fit shows as #####, so every value counts, by way of the two extremes."""
    if not facts.filled:
        return 0
    if kind is Kind.TEXT:
        return facts.widest
    if kind is Kind.BOOLEAN:
        return len("FALSE")
    if code == GENERAL and facts.sample:
        return max(len(shown(float(text), code)) for text in facts.sample)
    ends = [end for end in (facts.low, facts.high) if end is not None]
    if kind in MOMENTS:
        return max(len(shown(value, code)) for value in (*map(timedelta, ends), MOMENTS[kind]))
    return max(len(shown(number, code)) for number in ends or [0])
