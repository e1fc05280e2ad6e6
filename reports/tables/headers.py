"""Headers above columns, and the zone in which instants are shown: the same in every format."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reports.columns import Column
from reports.errors import BadColumnName
from reports.tables.open_table import TableColumn
from reports.text import fault_in_text

Above: TypeAlias = tuple[str, ...]  # what stands above one column, the outermost first
BETWEEN = " / "  # of the rows of a header, where it has to be one


def shown_in(column: TableColumn, zone: ZoneInfo | None) -> ZoneInfo | None:
    """`zone`, or the column's own; None where its values are no instants."""
    return None if column.zone is None else zone or ZoneInfo(column.zone)


def shown_header(sheet: str, column: TableColumn, options: Column, zone: ZoneInfo | None) -> str:
    """The author's header or the column's name, and the zone that its instants are shown in."""
    header = column.name if options.header is None else options.header
    if not header.strip():
        raise BadColumnName(sheet, column.name, "the header is empty; name it with Column('...')")
    if fault := fault_in_text(header):
        raise BadColumnName(sheet, column.name, fault)
    return header if zone is None or zone.key in header else f"{header} ({zone.key})"


def in_one_line(above: Above, header: str) -> str:
    """A header over several rows, for what has one row of headers."""
    return BETWEEN.join([*(text for text in above if text), header])


def common(columns: Sequence[Above], level: int) -> Iterator[tuple[int, int, str | None]]:
    """Neighbours that have the same text at a level, and at those above it: the first one's place, and how many.

    The text is None where there is none; columns without that level stand alone.
    """
    place = 0
    for above, run in groupby(columns, key=lambda column: column[: level + 1]):
        count = len(list(run))
        if len(above) > level:
            yield place, count, above[level] or None
        else:
            yield from ((place + one, 1, None) for one in range(count))
        place += count


def widened(
    widths: Sequence[float], columns: Sequence[Above], room_for: Callable[[str], float]
) -> list[float]:
    """Wide enough for what stands above several columns; `room_for` says how wide a text is."""
    wider = list(widths)
    levels = max(map(len, columns), default=0)
    for level in range(levels):
        for first, count, text in common(columns, level):
            lacking = room_for(text) - sum(wider[first : first + count]) if text else 0
            for place in range(first, first + count):
                wider[place] += max(0.0, lacking / count)
    return wider
