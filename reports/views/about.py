"""The origins of a document as headed tables of text: the counterpart of a workbook's sheet About."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.about import About
from reports.number_formats.render import shown
from reports.tables.objects import in_zone
from reports.text import spelled_out

MOMENT = "yyyy-mm-dd hh:mm:ss"
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class AboutTable:
    """`numbers` are the places of columns that stand at the right."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


def about_tables(about: About, findings: Sequence[str]) -> list[AboutTable]:
    """Return the tables that have something in them."""
    facts = [("Pipeline", about.pipeline), ("Code version", about.code_version), *_interval(about)]
    params = [(name, _json(value)) for name, value in about.params.items()]
    checks = [(check.check, check.outcome, check.message) for check in about.checks]
    steps = [(step.step, _count(step.rows_in), _count(step.rows_out)) for step in about.steps]
    sources = [
        (one.step, one.item or "", _moment(one.fetched_at, UTC), one.url, one.sha256) for one in about.sources
    ]
    tables = [
        AboutTable("", (), facts),
        AboutTable("Parameters", ("Name", "Value"), params),
        AboutTable("Notes", ("Note",), [(note,) for note in (*about.notes, *findings)]),
        AboutTable("Checks", ("Check", "Outcome", "Message"), checks),
        AboutTable("Steps", ("Step", "Rows in", "Rows out"), steps, frozenset({1, 2})),
        AboutTable("Sources", ("Step", "Item", "Fetched at (UTC)", "Address", "SHA-256"), sources),
    ]
    return [replace(table, rows=[_spelled(row) for row in table.rows]) for table in tables if table.rows]


def _spelled(row: Sequence[str]) -> list[str]:
    return [spelled_out(text) for text in row]


def _interval(about: About) -> list[tuple[str, str]]:
    if about.interval is None:
        return []
    zone = ZoneInfo(about.interval.zone)
    return [
        ("Interval", about.interval.label),
        ("From", _moment(about.interval.start, zone)),
        ("Up to, not including", _moment(about.interval.end, zone)),
        ("Time zone", about.interval.zone),
    ]


def _moment(value: datetime, zone: ZoneInfo) -> str:
    return shown(in_zone(value, zone), MOMENT)


def _count(rows: int | None) -> str:
    return "" if rows is None else shown(rows, "#,##0")


def _json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
