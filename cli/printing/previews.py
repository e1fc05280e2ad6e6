"""Prints the first rows of a document, for people as a sheet looks, or as JSON."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from cli.printing.console import console_of, printable
from presstime.errors import PresstimeError
from reports.excel.letters import column_letter
from reports.reading.book import SheetInfo
from reports.reading.cells import Cell
from reports.reading.preview import MOST_COLUMNS, Preview, read_preview

if TYPE_CHECKING:
    from scheduler.runtime import Runtime

WIDEST = 40  # signs of a cell on a terminal
GAP = 2  # signs between columns


class FileUnreadable(PresstimeError):
    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot read {path}: {error.strerror}")


def preview_file(path: Path, sheet: str | None, rows: int, *, json: bool) -> None:
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileUnreadable(path, error) from error
    with file:
        found = read_preview(file, path.suffix[1:].lower(), sheet, rows=rows)
    _print({"file": str(path)}, path.name, found, json=json)


def preview_report(runtime: Runtime, text: str, sheet: str | None, rows: int, *, json: bool) -> None:
    from cli.actions.reports import find_report  # loads the database's tables, for which a file has no use
    from presstime.artifacts import file_key

    report = find_report(runtime, text)
    with runtime.artifacts.open(file_key(report.sha256)) as file:
        found = read_preview(file, report.format, sheet, rows=rows)
    _print({"report_id": str(report.id)}, report.filename, found, json=json)


def _print(source: dict[str, Any], name: str, found: Preview, *, json: bool) -> None:
    if json:
        sys.stdout.write(jsonlib.dumps({**source, **asdict(found)}, ensure_ascii=False) + "\n")
        return
    console = console_of()
    console.print(Text(f"{name}: {', '.join(_told(one, found) for one in found.sheets)}", style="bold"))
    width = console.width if console.is_terminal else None
    shown = _fitting(found.rows, width)
    console.print(_table(found.rows, shown, width))
    for note in _notes(found, shown):
        sys.stderr.write(f"{note}\n")


def _told(sheet: SheetInfo, found: Preview) -> str:
    words = [f"{sheet.rows:,} rows"] if sheet.rows is not None else []
    words += ["hidden"] if sheet.hidden else []
    name = f"[{sheet.name}]" if sheet.name == found.sheet else sheet.name
    return printable(f"{name} ({', '.join(words)})" if words else name)


def _fitting(rows: Sequence[Sequence[Cell]], width: int | None) -> int:
    """How many columns a terminal of that width shows."""
    columns = len(rows[0]) if rows else 0
    if width is None:
        return columns
    left = width - len(str(len(rows)))
    for place in range(columns):
        left -= GAP + min(max(len(_shown(row[place])) for row in rows), WIDEST)
        if left < 0:
            return max(place, 1)
    return columns


def _table(rows: Sequence[Sequence[Cell]], shown: int, width: int | None) -> Table:
    """With the letters and numbers that a sheet has at its edges."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    table.add_column("", justify="right", style="dim")
    for place in range(shown):
        numeric = any(isinstance(row[place], int | float) for row in rows)
        table.add_column(
            column_letter(place + 1),
            justify="right" if numeric else "left",
            header_style="dim",
            no_wrap=True,
            max_width=None if width is None else WIDEST,
        )
    for number, row in enumerate(rows, start=1):
        table.add_row(str(number), *(Text(_shown(cell)) for cell in row[:shown]))
    return table


def _notes(found: Preview, shown: int) -> list[str]:
    columns = len(found.rows[0]) if found.rows else 0
    notes = []
    if not found.rows:
        notes.append("the sheet is empty")
    if found.more_rows:
        notes.append(f"there are rows below row {len(found.rows)}; --rows shows more, up to 1,000")
    if shown < columns:
        notes.append(
            f"columns up to {column_letter(columns)} do not fit; --json, or a wider window, shows them"
        )
    if found.more_columns:
        notes.append(f"columns behind {column_letter(MOST_COLUMNS)} are left out")
    if found.cut:
        first = found.cut[0]
        cell = f"{column_letter(first.column)}{first.row}"
        notes.append(f"{len(found.cut)} long texts are cut, the first in {cell}")
    return notes


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).upper() if isinstance(cell, bool) else printable(str(cell))
