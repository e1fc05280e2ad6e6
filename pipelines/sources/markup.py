"""The tables of an HTML page as grids of text, spans filled in. Knows neither frames nor HTTP."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import lxml.html
from lxml.etree import ParserError

MOST_COLUMNS = 1000  # of one cell (HTML standard, "Forming a table")
MOST_ROWS = 65_534  # of one cell, the same page
UNSEEN = frozenset({"script", "style", "template", "noscript"})
APART = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "h1", "h2", "h3", "h4", "hr", "dd", "dt"})


@dataclass(frozen=True)
class Cell:
    text: str
    header: bool
    columns: int = 1
    rows: int = 1  # 0: down to the end of its section


@dataclass(frozen=True)
class HtmlTable:
    """A table: its rows in the order of reading (head, body, foot), the first `head` of them headings."""

    caption: str
    id: str
    rows: tuple[tuple[str, ...], ...]
    head: int
    holds_tables: bool

    @property
    def text(self) -> str:
        return " ".join([self.caption, *(cell for row in self.rows for cell in row)])

    def data_rows(self, header: int | None = None) -> int:
        return max(0, len(self.rows) - (self.head if header is None else header))


def html_tables(text: str) -> list[HtmlTable]:
    """Every table of the page, outer ones before those inside them. A table's rows are its own only."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        page = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (ParserError, ValueError):  # an empty page
        return []
    return [_table(element) for element in page.iter("table")]


def fill_spans(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Repeat each cell's text wherever it reaches (HTML standard, "Forming a table")."""
    grid: list[list[str]] = []
    reaching: dict[int, tuple[str, int]] = {}  # column -> text, rows still to fill
    for number, cells in enumerate(rows):
        line: dict[int, str] = {column: text for column, (text, _) in reaching.items()}
        reaching = {column: (text, left - 1) for column, (text, left) in reaching.items() if left > 1}
        column = 0
        for cell in cells:
            while column in line:
                column += 1
            below = (cell.rows or len(rows) - number) - 1
            for reached in range(column, column + cell.columns):
                line.setdefault(reached, cell.text)
                if below > 0:
                    reaching[reached] = (cell.text, below)
            column += cell.columns
        grid.append([line.get(reached, "") for reached in range(max(line, default=-1) + 1)])
    return grid


def _table(element: lxml.html.HtmlElement) -> HtmlTable:
    sections: dict[str, list[list[Cell]]] = {"thead": [], "tbody": [], "tfoot": []}
    for row in element.iter("tr"):
        if _nearest(row, "table") is element:
            around = next(row.iterancestors("thead", "tbody", "tfoot", "table"), None)
            name = "tbody" if around is None or around.tag == "table" else str(around.tag)
            sections[name].append(_cells(row))
    for section in sections.values():
        section[:] = [row for row in section if row]
    body = sections["tbody"]
    leading = next((n for n, row in enumerate(body) if not all(cell.header for cell in row)), len(body))
    caption = next((c for c in element.iter("caption") if _nearest(c, "table") is element), None)
    filled = [tuple(row) for section in sections.values() for row in fill_spans(section)]
    return HtmlTable(
        caption="" if caption is None else _text(caption),
        id=element.get("id") or "",
        rows=tuple(filled),
        head=len(sections["thead"]) or leading,
        holds_tables=next((True for inner in element.iter("table") if inner is not element), False),
    )


def _nearest(element: lxml.html.HtmlElement, tag: str) -> lxml.html.HtmlElement | None:
    return next(element.iterancestors(tag), None)


def _cells(row: lxml.html.HtmlElement) -> list[Cell]:
    return [
        Cell(
            _text(cell),
            header=cell.tag == "th",
            columns=_span(cell.get("colspan"), MOST_COLUMNS) or 1,
            rows=_span(cell.get("rowspan"), MOST_ROWS),
        )
        for cell in row.iter("td", "th")
        if _nearest(cell, "tr") is row
    ]


def _span(said: str | None, most: int) -> int:
    """What a browser makes of the attribute: nonsense is 1."""
    text = (said or "").strip()
    return min(int(text), most) if text.isdecimal() else 1


def _text(element: lxml.html.HtmlElement) -> str:
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: lxml.html.HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in UNSEEN and child.tag != "table":
            gap = " " if child.tag in APART else ""
            yield gap
            yield from _pieces(child)
            yield gap
        yield child.tail or ""
