"""Files that hold tables alone: one for each table of a workbook, and what they have no place for."""

from reports.blocks import Figures, Link, Table, Text
from reports.errors import NoTables
from reports.preflight import Findings
from reports.sheet import Sheet
from reports.sheet_names import ABOUT
from reports.text import counted
from reports.workbook import Workbook

UNFIT = str.maketrans('<>|"', "----")  # what Windows refuses in a file's name, and Excel takes in a sheet's


def table_files(workbook: Workbook, format_: str) -> list[tuple[Sheet, Table, str]]:
    """Each table with the name of its file: the sheet's, numbered where it has several. Raises NoTables."""
    taken = {ABOUT.casefold()}
    files = []
    for sheet in workbook.sheets:
        for number, table in enumerate(sheet.tables, start=1):
            stem = sheet.name.translate(UNFIT).strip(" .") or "Sheet"
            wanted = f"{stem} {number}" if len(sheet.tables) > 1 else stem
            free = wanted
            while free.casefold() in taken:
                number += 1  # noqa: PLW2901 # the next that is free
                free = f"{stem} {number}"
            taken.add(free.casefold())
            files.append((sheet, table, f"{free}.{format_}"))
    if not files:
        raise NoTables(format_)
    return files


def note_left_out(workbook: Workbook, findings: Findings, format_: str) -> None:
    """Say what a file of tables alone has no place for."""
    for number, sheet in enumerate(workbook.sheets):
        kinds = {
            "headline": int(number == 0 and workbook.headline is not None),
            "text": sum(isinstance(block, Text) for block in sheet.blocks),
            "key figure": sum(len(block.figures) for block in sheet.blocks if isinstance(block, Figures)),
            "link": sum(isinstance(block, Link) for block in sheet.blocks),
            "chart": len(sheet.charts),
            "total": sum(len(table.totals) for table in sheet.tables),
            "sparkline": sum(len(table.all_sparklines) for table in sheet.tables),
            "grouping": sum(bool(table.groups) for table in sheet.tables),
            "note": len(sheet.notes),
            "comparison": sum(table.changes is not None for table in sheet.tables),
        }
        there = [counted(count, kind) for kind, count in kinds.items() if count]
        if there:
            said = f"left out of the {format_} file, which holds tables only: {', '.join(there)}"
            findings.add("left_out", sheet.name, said, count=sum(kinds.values()))
