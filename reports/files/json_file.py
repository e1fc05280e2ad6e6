"""Writes a workbook as a .json file, tables a slice at a time, with all that stands beside them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from presstime.artifacts import sha256_of
from reports.about import About
from reports.blocks import Figure, Figures, Formula, Link, Table, Text
from reports.comparing.compare import compare_table
from reports.comparing.words import TableChanges, summary
from reports.files.about_json import about_members, json_text
from reports.files.archive import Hashed
from reports.files.json_values import column_type, json_value, json_values
from reports.preflight import Finding, Findings
from reports.sheet import Sheet
from reports.tables.objects import kind_of
from reports.tables.reader import TableReader, rows_of
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

NO_SPARKLINES = "left out of the .json file: {count} sparklines"
ROWS = 16_384  # as Python values at the same time


def write_json(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """`{"title", "headline", "sheets": [{"name", "tables": [{"columns", "rows", ...}], ...}], "created", ...}`.

    Rows are arrays in the order of `columns`, a line each. Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    writer = _Writer(workbook, zone)
    with draft_of(path) as draft:
        with draft.open("wb") as file:
            out = Hashed(file)
            writer.write_sheets(out)
            file.write(writer.tail(about, created).encode())
        size, digest = draft.stat().st_size, sha256_of(draft)
    content, rows = out.digest.hexdigest(), rows_of(writer.readers)
    return Written(size, digest, content, rows, writer.found(), writer.changes)


class _Writer:
    def __init__(self, workbook: Workbook, zone: ZoneInfo | None) -> None:
        self.workbook = workbook
        self.zone = zone
        self.findings = Findings()
        self.readers: list[TableReader] = []
        self.changes = summary(_compared(workbook))

    def found(self) -> tuple[Finding, ...]:
        return (*self.workbook.repaired, *self.findings.all())

    def write_sheets(self, out: Hashed) -> None:
        said = {"title": self.workbook.title}
        if self.workbook.headline is not None:
            said["headline"] = self.workbook.headline
        out.write(f'{json_text(said)[:-1]},\n"sheets": ['.encode())
        for number, sheet in enumerate(self.workbook.sheets):
            out.write(b",\n" if number else b"\n")
            self._sheet(out, sheet)
        out.write(b"]")

    def tail(self, about: About | None, created: datetime) -> str:
        """Return what is only known when all was read, and what does not count as content."""
        changes = {"changes": self.changes} if self.changes is not None else {}
        members = changes | about_members(about, created, self.found())
        return ",\n" + ",\n".join(f'"{name}": {json_text(value)}' for name, value in members.items()) + "}\n"

    def _sheet(self, out: Hashed, sheet: Sheet) -> None:
        beside = {
            "name": sheet.name,
            "texts": [{"style": b.style, "text": b.text} for b in sheet.blocks if isinstance(b, Text)],
            "figures": [one for b in sheet.blocks if isinstance(b, Figures) for one in self._figures(b)],
            "links": [{"text": b.text, "to": b.to} for b in sheet.blocks if isinstance(b, Link)],
            "charts": [chart.told() for chart in sheet.charts],
            "notes": list(sheet.notes),
        }
        out.write(json_text(beside)[:-1].encode() + b', "tables": [')
        for number, table in enumerate(sheet.tables):
            out.write(b",\n" if number else b"\n")
            self._table(out, sheet.name, table)
        out.write(b"]}")

    def _figures(self, block: Figures) -> list[dict[str, Any]]:
        return [self._figure(label, figure) for label, figure in block.figures.items()]

    def _figure(self, label: str, figure: Figure) -> dict[str, Any]:
        value = figure.value.value if isinstance(figure.value, Formula) else figure.value
        kind = kind_of(value) if value is not None else None
        return {"name": label, "type": kind and kind.value, "value": json_value(value, self.zone)}

    def _table(self, out: Hashed, sheet: str, table: Table) -> None:
        reader = TableReader(sheet, table, self.workbook.preflight, self.findings, self.zone)
        self.readers.append(reader)
        if drawn := len(table.all_sparklines):
            self.findings.add("left_out", sheet, NO_SPARKLINES, count=drawn)
        columns = [
            {
                "name": column.name,
                "header": column.header,
                "type": column_type(column),
                "zone": column.zone.key if column.zone else None,
            }
            for column in reader.columns
        ]
        head = {"name": table.name or table.excel_table, "totals": dict(table.totals), "columns": columns}
        out.write(json_text(head)[:-1].encode() + b', "rows": [')
        first = True
        for values in reader.slices(ROWS):
            lists = [
                json_values(reader, column, part) for column, part in zip(reader.columns, values, strict=True)
            ]
            out.write(b"\n" if first else b",\n")
            out.write(_lines(lists))
            first = False
        out.write(b"]}")


def _compared(workbook: Workbook) -> list[TableChanges]:
    tables = [(sheet.name, table) for sheet in workbook.sheets for table in sheet.tables if table.changes]
    preflight = replace(workbook.preflight, nested="json")
    return [TableChanges(*one, compare_table(*one, preflight)) for one in tables]


def _lines(columns: Sequence[list[Any]]) -> bytes:
    encode = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, default=_plain, separators=(",", ":")
    ).encode
    return ",\n".join(map(encode, zip(*columns, strict=True))).encode()


def _plain(value: object) -> Any:
    """What stands inside nested values."""
    return (
        sorted(value, key=str)
        if isinstance(value, set)
        else json_value(value, None)
        if _known(value)
        else str(value)
    )


def _known(value: object) -> bool:
    return kind_of(value) is not None
