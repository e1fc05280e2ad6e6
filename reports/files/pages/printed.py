"""A shown workbook as plain data for the template of a PDF. Text stays data there: nothing of it is markup."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from reports.about import About
from reports.excel.page import CENTIMETRES, ENDS, SIDES
from reports.files.pages.paper import WIDEST, Paper, paper_for, size_for, widths
from reports.files.pages.parts import sentence
from reports.pictures.draw import drawn_svg
from reports.pictures.frame import FONT as CHART_FONT
from reports.preflight import Findings
from reports.sheet import Page
from reports.text import shown_width
from reports.views.about import about_tables
from reports.views.book import (
    ShownBook,
    ShownChart,
    ShownFigures,
    ShownLink,
    ShownPart,
    ShownRows,
    ShownSheet,
    ShownText,
)
from reports.views.groups import ShownGroup, bodies
from reports.views.head import head_rows
from reports.views.marks import PLAIN
from reports.views.table import Picture, ShownCell, ShownColumn, ShownTable
from reports.workbook import Workbook

FONT = "Libertinus Serif"  # comes with the library, so that every machine sets the same lines
POINTS = 72 / CENTIMETRES  # of a centimetre
WIDE, BETWEEN = 24.0, 0.6  # centimetres: from where on two charts stand side by side, and the space between
NOTHING = "\N{EN DASH}"  # of a key figure that is missing
LONG_WORD = re.compile(r"\S{24,}")
PIECE = 12  # characters of a long word between two places where it may be broken
WIDER = "its page is wider than the paper, so that all columns stand on it"


def document(workbook: Workbook, book: ShownBook, findings: Findings) -> dict[str, Any]:
    """Everything but About."""
    given = workbook.properties
    return {
        "title": book.title,
        "period": book.period,
        "headline": book.headline,
        "since": book.since,
        "author": given.author,
        "description": given.description or given.subject or "",
        "keywords": [given.keywords] if given.keywords else [],
        "sides": SIDES * CENTIMETRES,
        "ends": ENDS * CENTIMETRES,
        "named": len(book.pages) > 1,
        "sheets": [_sheet(sheet, findings) for sheet in book.pages],
    }


def about_sheet(about: About, findings: Sequence[str]) -> dict[str, Any]:
    parts: list[ShownPart] = []
    for table in about_tables(about, findings):
        if table.title:
            parts.append(ShownText(table.title, "heading"))
        headers = table.headers or ("", "")
        columns = [
            ShownColumn(header, None, place not in table.numbers, _widest(table.rows, place), "")
            for place, header in enumerate(headers)
        ]
        cells = [[ShownCell(text) for text in row] for row in table.rows]
        parts.append(ShownRows(ShownTable(columns, cells, len(cells), totals=False), None))
    return _sheet(ShownSheet("About", parts, Page()), Findings())


def _widest(rows: Sequence[Sequence[str]], place: int) -> int:
    return max(min(shown_width(row[place]), WIDEST) for row in rows)


def _sheet(sheet: ShownSheet, findings: Findings) -> dict[str, Any]:
    paper, wider = paper_for(sheet.page, sheet.parts)
    if wider:
        findings.add("wide", sheet.name, WIDER)
    return {
        "name": sheet.name,
        "width": paper.width,
        "height": paper.height,
        "parts": list(_parts(sheet, paper)),
    }


def _parts(sheet: ShownSheet, paper: Paper) -> Iterator[dict[str, Any]]:
    """Charts that follow each other stand side by side, where the page is wide."""
    waiting: list[ShownChart] = []
    for part in sheet.parts:
        if isinstance(part, ShownChart):
            waiting.append(part)
            continue
        yield from _rows_of_charts(waiting, paper)
        waiting = []
        yield _part(part, paper, sheet.page)
    yield from _rows_of_charts(waiting, paper)


def _rows_of_charts(charts: Sequence[ShownChart], paper: Paper) -> Iterator[dict[str, Any]]:
    abreast = 2 if paper.across >= WIDE * POINTS and len(charts) > 1 else 1
    most = (paper.across / POINTS - (abreast - 1) * BETWEEN) / abreast
    for first in range(0, len(charts), abreast):
        row = charts[first : first + abreast]
        yield {"kind": "charts", "between": BETWEEN, "charts": [_chart(one, most, paper) for one in row]}


def _chart(part: ShownChart, most: float, paper: Paper) -> dict[str, Any]:
    chart = part.chart
    highest = paper.down / POINTS * chart.width / chart.height
    return {
        "svg": drawn_svg(chart, part.table).replace(CHART_FONT, FONT),
        "alt": chart.description,
        "width": min(chart.width, most, highest),
        "told": part.told and sentence(part.told),
    }


def _part(part: ShownText | ShownFigures | ShownLink | ShownRows, paper: Paper, page: Page) -> dict[str, Any]:
    if isinstance(part, ShownRows):
        return _table(part, paper, page)
    if isinstance(part, ShownFigures):
        return {"kind": "figures", "figures": [[label, value or NOTHING] for label, value in part.figures]}
    if isinstance(part, ShownLink):
        return {"kind": "link", "text": part.text, "to": part.to, "sheet": part.sheet}
    return {"kind": "text", "text": part.text, "style": part.style}


def _table(part: ShownRows, paper: Paper, page: Page) -> dict[str, Any]:
    table = part.table
    size = size_for(table.columns, paper)
    columns = [
        {
            "left": column.at_left,
            "total": column.total if column.at_left else _unbroken(column.total),
            "picture": _picture(column.total_picture),
            "width": width,
        }
        for column, width in zip(table.columns, widths(table.columns, size), strict=True)
    ]
    notes = [f"{column.header}: {column.note}" for column in table.columns if column.note]
    return {
        "kind": "table",
        "columns": columns,
        "size": size,
        "rows": list(_lines(table)),
        "totals": table.totals,
        "drawn": any(cell.picture for row in table.rows[:1] for cell in row),
        "head": _head(table.columns) if any(column.header for column in table.columns) else [],
        "repeat": page.repeat_header,
        "told": [*([sentence(part.told)] if part.told else []), *notes, *filter(None, [part.changes])],
    }


def _lines(table: ShownTable) -> Iterator[list[Any]]:
    """The rows, and the totals of groups between them."""
    for line in chain.from_iterable(bodies(len(table.rows), table.groups)):
        if isinstance(line, ShownGroup):
            yield [_group_cell(line, place, column) for place, column in enumerate(table.columns)]
        else:
            yield [_cell(*pair) for pair in zip(table.rows[line], table.columns, strict=True)]


def _group_cell(group: ShownGroup, place: int, column: ShownColumn) -> dict[str, Any]:
    text = group.texts[place]
    is_label = place == group.place
    return {
        "total": text if is_label else _unbroken(text),
        "outer": group.level == 0,
        "left": is_label or (column.at_left and not text),
        "told": group.told if is_label else None,
    }


def _head(columns: Sequence[ShownColumn]) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "text": breakable(cell.text),
                "columns": cell.columns,
                "rows": cell.rows,
                "own": cell.own,
                "left": columns[cell.place].at_left,
            }
            for cell in row
        ]
        for row in head_rows(columns)
    ]


def _cell(cell: ShownCell, column: ShownColumn) -> Any:
    """A text, where there is nothing else to say of it."""
    text = breakable(cell.text) if column.at_left else _unbroken(cell.text)
    style, change = cell.whole_style, cell.change
    if style is PLAIN and cell.link is None and cell.picture is None:
        return text
    was = change.was if change and change.was else ""
    return {
        "text": text,
        "new": bool(change and change.new),
        "was": breakable(was) if column.at_left else _unbroken(was),
        "link": cell.link,
        "picture": _picture(cell.picture),
        "ground": style.ground and f"#{style.ground}",
        "ink": style.ink and f"#{style.ink}",
        "bold": style.bold,
        "bar": style.bar and {**style.bar._asdict(), "colour": f"#{style.bar.colour}"},
        "sign": style.sign and {"shape": style.sign.shape, "colour": f"#{style.sign.colour}"},
    }


def _picture(picture: Picture | None) -> dict[str, str] | None:
    return {"svg": picture.svg, "alt": picture.said} if picture else None


def breakable(text: str) -> str:
    """Long words, such as addresses, get places where a line may end that show nothing."""
    return LONG_WORD.sub(
        lambda found: "\N{ZERO WIDTH SPACE}".join(
            found[0][place : place + PIECE] for place in range(0, len(found[0]), PIECE)
        ),
        text,
    )


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")
