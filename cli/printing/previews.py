"""Prints the first rows of a document, for people as a sheet looks, or as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.printing.console import console_of, note, print_json, printable
from reports.excel.letters import column_letter
from reports.reading.book import SheetInfo
from reports.reading.cells import Cell
from reports.reading.preview import MOST_COLUMNS, Preview

WIDEST = 40  # signs of a cell on a terminal
GAP = 2  # signs between columns


def print_preview(source: Mapping[str, Any], name: str, preview: Preview, *, json: bool) -> None:
    """Print the rows as a sheet shows them, or with where they are from as JSON."""
    if json:
        print_json({**source, **asdict(preview)})
        return
    console = console_of()
    console.print(
        Text(f"{name}: {', '.join(_tab(sheet, preview) for sheet in preview.sheets)}", style="bold")
    )
    width = console.width if console.is_terminal else None
    shown = _fitting(preview.rows, width)
    console.print(_table(preview.rows, shown, width))
    for remark in _remarks(preview, shown):
        note(remark)


def _tab(sheet: SheetInfo, preview: Preview) -> str:
    words = [f"{sheet.rows:,} rows"] if sheet.rows is not None else []
    words += ["hidden"] if sheet.hidden else []
    name = f"[{sheet.name}]" if sheet.name == preview.sheet else sheet.name
    return printable(f"{name} ({', '.join(words)})" if words else name)


def _fitting(rows: Sequence[Sequence[Cell]], width: int | None) -> int:
    """How many columns a terminal of that width shows."""
    columns = len(rows[0]) if rows else 0
    if width is None:
        return columns
    left = width - len(str(len(rows)))
    for column in range(columns):
        left -= GAP + min(max(len(_shown(row[column])) for row in rows), WIDEST)
        if left < 0:
            return max(column, 1)
    return columns


def _table(rows: Sequence[Sequence[Cell]], shown: int, width: int | None) -> Table:
    """With the letters and numbers that a sheet has at its edges."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    table.add_column("", justify="right", style="dim")
    for column in range(shown):
        numeric = any(isinstance(row[column], int | float) for row in rows)
        table.add_column(
            column_letter(column + 1),
            justify="right" if numeric else "left",
            header_style="dim",
            no_wrap=True,
            max_width=None if width is None else WIDEST,
        )
    for number, row in enumerate(rows, start=1):
        table.add_row(str(number), *(Text(_shown(cell)) for cell in row[:shown]))
    return table


def _remarks(preview: Preview, shown: int) -> list[str]:
    columns = len(preview.rows[0]) if preview.rows else 0
    remarks = []
    if not preview.rows:
        remarks.append("the sheet is empty")
    if preview.more_rows:
        remarks.append(f"there are rows below row {len(preview.rows)}; --rows shows more, up to 1,000")
    if shown < columns:
        remarks.append(
            f"columns up to {column_letter(columns)} do not fit; --json, or a wider window, shows them"
        )
    if preview.more_columns:
        remarks.append(f"columns behind {column_letter(MOST_COLUMNS)} are left out")
    if preview.cut:
        first = preview.cut[0]
        cell = f"{column_letter(first.column)}{first.row}"
        remarks.append(f"{len(preview.cut)} long texts are cut, the first in {cell}")
    return remarks


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).upper() if isinstance(cell, bool) else printable(str(cell))
