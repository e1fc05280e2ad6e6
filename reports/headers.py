"""What stands above a column, and in which zone its instants are shown: the same in every format."""

from zoneinfo import ZoneInfo

from reports.columns import Column
from reports.errors import BadColumnName
from reports.tables import TableColumn
from reports.text import fault_in_text


def shown_in(column: TableColumn, zone: ZoneInfo | None) -> ZoneInfo | None:
    """`zone`, or the column's own; None where its values are no instants."""
    return None if column.zone is None else zone or ZoneInfo(column.zone)


def shown_header(sheet: str, column: TableColumn, looks: Column, zone: ZoneInfo | None) -> str:
    """The author's header or the column's name, and the zone that its instants are shown in."""
    header = column.name if looks.header is None else looks.header
    if not header.strip():
        raise BadColumnName(sheet, column.name, "the header is empty; name it with Column('...')")
    if fault := fault_in_text(header):
        raise BadColumnName(sheet, column.name, fault)
    return header if zone is None or zone.key in header else f"{header} ({zone.key})"
