"""Sparklines as Excel's own: a blank column where each stands, and groups in the sheet's extension."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
from lxml.etree import fromstring

from reports.blocks import Table
from reports.excel.column_reader import ColumnReader
from reports.excel.extensions import X14, XM
from reports.excel.letters import column_letter
from reports.number_formats.formats import Kind
from reports.palette import ACCENT, BAD, RULE, SERIES
from reports.preflight import Findings
from reports.sparklines import Sparkline, arranged, check_numbers, check_rows
from reports.tables.open_table import OpenTable, TableColumn
from reports.tables.totals import RunningTotal

TYPES = {"line": "line", "column": "column", "win_loss": "stacked"}  # as Excel calls them
LINE_WEIGHT = 1.25  # points
BLANK = pa.large_string()
NOT_DRAWN = "rows with a number that became text, which Excel would draw as 0, have no sparkline: {count}"


@dataclass(frozen=True)
class SparklineGroup:
    """Sparklines of a sheet that look alike. Each has the letters of its ends, its own letter, and its row.

    `from_zero`: columns begin at 0, not at the lowest number, which would then have no height.
    """

    sparkline: Sparkline
    sheet: str
    letters: tuple[str, str, str]
    rows: Sequence[int]
    from_zero: bool


def with_columns(sheet: str, opened: OpenTable, table: Table) -> OpenTable:
    """The table with a blank column for each of its sparklines. Raises BadBlock where one cannot be drawn."""
    sparklines = table.all_sparklines
    if not sparklines:
        return opened
    names = [column.name for column in opened.columns]
    places = arranged(sheet, names, sparklines)
    check_rows(sheet, sparklines, opened.rows or 0)
    sources = [None if isinstance(place, Sparkline) else names.index(place) for place in places]
    columns = tuple(
        TableColumn(place.header, Kind.TEXT, None, BLANK)
        if isinstance(place, Sparkline)
        else opened.columns[names.index(place)]
        for place in places
    )
    if opened.whole is None:
        return replace(opened, columns=columns, stream=_widened(sheet, opened.stream, table, sources))
    blank = pa.nulls(opened.rows or 0, BLANK)
    whole = [blank if source is None else opened.whole[source] for source in sources]
    return OpenTable(columns, opened.rows, whole)


def _widened(sheet: str, stream: Iterable[Any], table: Table, sources: Sequence[int | None]) -> Iterator[Any]:
    """A stream tells only as it goes how many rows it has."""
    rows = 0
    for batch in stream:
        rows += batch.num_rows
        check_rows(sheet, table.all_sparklines, rows)
        blank = pa.nulls(batch.num_rows, BLANK)
        arrays = [blank if source is None else batch.column(source) for source in sources]
        yield pa.RecordBatch.from_arrays(arrays, [str(place) for place in range(len(arrays))])


class SheetSparklines:
    """The sparklines of a table on one sheet. Raises BadBlock for columns that are no numbers."""

    def __init__(self, sheet: str, table: Table, readers: Sequence[ColumnReader], findings: Findings) -> None:
        self._sheet, self._table = sheet, table
        self._readers = {reader.column.name: reader for reader in readers}
        self._letters = {name: column_letter(place) for place, name in enumerate(self._readers, start=1)}
        self._findings = findings
        for one in table.all_sparklines:
            for name in one.of:
                reader = self._readers[name]
                check_numbers(sheet, one, name, _kinds(reader), as_text=reader.as_text)

    def of_rows(self, title: str, areas: Sequence[tuple[int, int]], start: int) -> Iterator[SparklineGroup]:
        """Yield those in the rows of areas of the sheet `title`, the first of which is the frame's row `start`."""
        if not self._table.all_sparklines:  # other tables may have a million rows, which nobody should list
            return
        rows = [row for first, last in areas for row in range(first, last + 1)]
        for one in self._table.all_sparklines:
            as_text = self._became_text(one)
            drawn = [row for index, row in enumerate(rows, start) if index not in as_text]
            if left_out := len(rows) - len(drawn):
                self._findings.add("sparklines", self._sheet, NOT_DRAWN, column=one.header, count=left_out)
            lows = [facts.low for name in one.of for facts in self._readers[name].facts.values()]
            formulas = any(Kind.FORMULA in self._readers[name].facts for name in one.of)
            yield self._group(one, title, drawn, from_zero=not formulas and _from_zero(lows))

    def of_totals(self, title: str, row: int, totals: Mapping[str, RunningTotal]) -> Iterator[SparklineGroup]:
        """Yield those in the row of totals, where all columns have the same one, on a scale of their own."""
        for one in self._table.all_sparklines:
            known = [totals[name] for name in one.of if name in totals]
            if len(known) == len(one.of) and len({total.function for total in known}) == 1:
                low = _from_zero([total.value() for total in known])
                yield self._group(replace(one, same_scale=False), title, [row], from_zero=low)

    def _group(self, one: Sparkline, title: str, rows: Sequence[int], *, from_zero: bool) -> SparklineGroup:
        first, last, own = (self._letters[name] for name in (one.of[0], one.of[-1], one.header))
        return SparklineGroup(one, title, (first, last, own), rows, from_zero)

    def _became_text(self, one: Sparkline) -> set[int]:
        repairs = [self._readers[name].repairs for name in one.of]
        return {index for found in repairs for index, text in found.items() if text is not None}


def _kinds(reader: ColumnReader) -> set[Kind]:
    """A column of nothing at all is of no kind; its repairs are texts, and no fault."""
    if reader.column.kind is not None:
        empty = reader.column.type is not None and pa.types.is_null(reader.column.type)
        return set() if empty else {reader.column.kind}
    return set(reader.facts) - ({Kind.TEXT} if reader.repairs else set())


def _from_zero(lows: Iterable[Any]) -> bool:
    return all(low is None or low >= 0 for low in lows)


def groups_xml(groups: Sequence[SparklineGroup]) -> Any:
    """The element that holds all of a sheet; None where there are none."""
    found = "".join(_group_xml(group) for group in groups if group.rows)
    if not found:
        return None
    space = f'xmlns:x14="{X14}" xmlns:xm="{XM}"'
    return fromstring(f"<x14:sparklineGroups {space}>{found}</x14:sparklineGroups>")


def _group_xml(group: SparklineGroup) -> str:
    quoted = escape(group.sheet.replace("'", "''"))
    first, last, own = group.letters
    each = "".join(
        f"<x14:sparkline><xm:f>'{quoted}'!{first}{row}:{last}{row}</xm:f><xm:sqref>{own}{row}</xm:sqref></x14:sparkline>"
        for row in group.rows
    )
    attributes = "".join(f' {name}="{value}"' for name, value in _attributes(group))
    return (
        f"<x14:sparklineGroup{attributes}>{_colours(group.sparkline)}"
        f"<x14:sparklines>{each}</x14:sparklines></x14:sparklineGroup>"
    )


def _attributes(group: SparklineGroup) -> Iterator[tuple[str, str]]:
    one = group.sparkline
    lowest = one.kind == "column" and group.from_zero
    if lowest:
        yield "manualMin", "0"
    if one.kind == "line":
        yield "lineWeight", str(LINE_WEIGHT)
    yield "type", TYPES[one.kind]
    yield "displayEmptyCellsAs", "gap"
    for name in ("markers", "high", "low", "first", "last", "negative"):
        negative = name == "negative" and one.kind == "win_loss"
        if name in one.points or negative or (name == "markers" and one.markers):
            yield name, "1"
    if one.kind != "win_loss":
        yield "displayXAxis", "1"  # seen where numbers lie on both sides of 0
    if one.same_scale or lowest:
        yield "minAxisType", "custom" if lowest else "group"
    if one.same_scale:
        yield "maxAxisType", "group"


def _colours(one: Sparkline) -> str:
    """All eight: of those that are missing Excel makes red ones when a reader ticks a box."""
    own = one.colour.upper()
    point = SERIES[1] if own != SERIES[1] else ACCENT
    named = {
        "Series": own,
        "Negative": BAD,
        "Axis": RULE,
        "Markers": own,
        "First": point,
        "Last": point,
        "High": point,
        "Low": point,
    }
    return "".join(f'<x14:color{name} rgb="FF{colour}"/>' for name, colour in named.items())
