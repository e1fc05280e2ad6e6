"""The last sheet, About: where the figures came from, for a reader who wants to check. Decides no content."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from reports.about import About
from reports.excel.cell_styles import (
    AT_LEFT,
    AT_RIGHT,
    BODY_FONT,
    BOLD_FONT,
    GROUND_FILL,
    HEADER_AT_LEFT,
    HEADER_AT_RIGHT,
    RULE_BELOW,
    SOFT_FONT,
    TITLE_FONT,
)
from reports.excel.page import set_up_page
from reports.excel.values import escaped
from reports.number_formats.formats import NAMED
from reports.sheet import Page
from reports.tables.objects import in_zone
from reports.text import made_writable

WIDTHS = {"A": 26.0, "B": 24.0, "C": 22.0, "D": 60.0, "E": 70.0}  # D holds an address, E a sha256
MOMENT = "yyyy-mm-dd hh:mm:ss"


def fill_about(ws: Worksheet, about: About, title: str | None, findings: Sequence[str] = ()) -> None:
    """Lay out `about` on an empty sheet, and what was found when the workbook was written.

    Text that Excel cannot hold is spelled out, never an error.
    """
    for letter, width in WIDTHS.items():
        ws.column_dimensions[letter].width = width
    ws.sheet_view.showGridLines = False
    set_up_page(ws, sum(WIDTHS.values()), title, Page())
    _put(ws, 1, 1, about.title).font = TITLE_FONT
    ws.row_dimensions[1].height = 30
    rows = [("Pipeline", about.pipeline), ("Code version", about.code_version), *_interval(about)]
    row = _pairs(ws, 3, rows)
    row = _section(ws, row, "Parameters", ("Name", "Value"), [(n, _json(v)) for n, v in about.params.items()])
    row = _section(ws, row, "Notes", ("Note",), [(note,) for note in (*about.notes, *findings)])
    checks = [(check.check, check.outcome, check.message) for check in about.checks]
    row = _section(ws, row, "Checks", ("Check", "Outcome", "Message"), checks)
    steps = [(step.step, step.rows_in, step.rows_out) for step in about.steps]
    row = _section(ws, row, "Steps", ("Step", "Rows in", "Rows out"), steps, numbers={2, 3})
    sources = [
        (s.step, s.item, in_zone(s.fetched_at, ZoneInfo("UTC")), s.url, s.sha256) for s in about.sources
    ]
    _section(ws, row, "Sources", ("Step", "Item", "Fetched at (UTC)", "Address", "SHA-256"), sources)


def _interval(about: About) -> list[tuple[str, object]]:
    if about.interval is None:
        return []
    zone = ZoneInfo(about.interval.zone)
    return [
        ("Interval", about.interval.label),
        ("From", in_zone(about.interval.start, zone)),
        ("Up to, not including", in_zone(about.interval.end, zone)),
        ("Time zone", about.interval.zone),
    ]


def _pairs(ws: Worksheet, row: int, pairs: Iterable[tuple[str, object]]) -> int:
    for name, value in pairs:
        _put(ws, row, 1, name).font = SOFT_FONT
        _put(ws, row, 2, value)
        row += 1
    return row + 1


def _section(
    ws: Worksheet,
    row: int,
    name: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numbers: frozenset[int] | set[int] = frozenset(),
) -> int:
    """A headed table, left out when empty. Returns the row after it and a blank one."""
    if not rows:
        return row
    _put(ws, row, 1, name).font = BOLD_FONT
    for place, header in enumerate(headers, start=1):
        cell = _put(ws, row + 1, place, header)
        cell.font, cell.fill, cell.border = BOLD_FONT, GROUND_FILL, RULE_BELOW
        cell.alignment = HEADER_AT_RIGHT if place in numbers else HEADER_AT_LEFT
    for offset, values in enumerate(rows, start=row + 2):
        for place, value in enumerate(values, start=1):
            _put(ws, offset, place, value)
    return row + len(rows) + 3


def _put(ws: Worksheet, row: int, place: int, value: object) -> Cell | MergedCell:
    cell = ws.cell(row, place)
    cell.font, cell.alignment = BODY_FONT, AT_LEFT
    if isinstance(value, str) and value:
        cell.value = escaped(made_writable(value))
        cell.data_type = "s"  # openpyxl would take a leading `=` for a formula
    elif isinstance(value, date):
        cell.value, cell.number_format = value, MOMENT
    elif isinstance(value, int):
        cell.value, cell.number_format, cell.alignment = value, NAMED["integer"], AT_RIGHT
    return cell


def _json(value: object) -> str:
    """A parameter as it reads best: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
