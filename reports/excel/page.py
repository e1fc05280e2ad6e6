"""The print setup of sheets: landscape when wide, one page across, page numbers below, no chart cut in two."""

from collections.abc import Sequence
from typing import NamedTuple

from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.excel.cell_styles import LINE_HEIGHT
from reports.sheet import Page

LANDSCAPE_FROM = 90  # characters: about what A4 upright holds at full size
SHRINK_UP_TO = 260  # characters: beyond, one page's width would be too small to read
CENTIMETRES = 2.54  # of an inch
SIDES, ENDS = 0.5, 0.7  # inches of margin: left and right, top and bottom
CHARACTER = 7.4 / 96 * CENTIMETRES  # of a column, its padding shared out
ROW = LINE_HEIGHT / 72 * CENTIMETRES
SPARE = 0.95  # of a page that is counted on: printers and fonts differ
REPEATED = 2  # rows of a header that comes again on each page


class PaperSize(NamedTuple):
    """Excel's number, and the sides in centimetres."""

    number: int
    short: float
    long: float


PAPERS = {
    "letter": PaperSize(1, 21.59, 27.94),
    "legal": PaperSize(5, 21.59, 35.56),
    "A3": PaperSize(8, 29.7, 42.0),
    "A4": PaperSize(9, 21.0, 29.7),
}


class Span(NamedTuple):
    """Rows that a chart covers."""

    first: int
    rows: int


def set_up_page(
    ws: Worksheet, width: float, title: str | None, page: Page, charts: Sequence[Span] = ()
) -> None:
    """`width` is that of the sheet, in characters; the title stands in the footer."""
    paper = PAPERS[page.paper]
    ws.page_setup.paperSize = paper.number
    landscape = page.orientation == "landscape" or (page.orientation is None and width > LANDSCAPE_FROM)
    ws.page_setup.orientation = "landscape" if landscape else "portrait"
    ws.page_margins.left = ws.page_margins.right = SIDES
    ws.page_margins.top = ws.page_margins.bottom = ENDS
    across, down = (paper.long, paper.short) if landscape else (paper.short, paper.long)
    shrinks = page.fit_width and width <= SHRINK_UP_TO
    whole = (
        min(1.0, SPARE * (across - 2 * SIDES * CENTIMETRES) / max(1.0, width * CHARACTER)) if shrinks else 1.0
    )
    height = SPARE * (down - 2 * ENDS * CENTIMETRES) / ROW  # of a page, in rows
    # Somewhat smaller, if that saves pages.
    scales = [whole * smaller for smaller in (1.0, 0.9, 0.8)]
    breaks, scale = min(
        ((_breaks(charts, int(height / scale) - REPEATED), scale) for scale in scales),
        key=lambda one: (len(one[0]), -one[1]),
    )
    if breaks:  # which Excel heeds only where it does not fit the sheet to pages itself
        ws.page_setup.scale = int(scale * 100)
        for row in breaks:
            ws.row_breaks.append(Break(row))
    elif shrinks:
        ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        ws.page_setup.fitToWidth = 1
        ws.page_setup.fitToHeight = 0  # as many pages long as it takes
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text, footer.right.text = _footer(title or ""), "&A", "&P / &N"
    ws.oddFooter = footer


def _breaks(charts: Sequence[Span], rows: int) -> list[int]:
    """The rows below which a page ends, so that a chart that does not fit on it comes whole on the next."""
    breaks, top = [], 1
    for chart in sorted(charts):
        if chart.first > top + 1 and chart.first + chart.rows - top > rows:
            breaks.append(chart.first - 2)  # above the empty row before it
            top = chart.first - 1
    return breaks


def _footer(text: str) -> str:
    """A footer's text: `&` begins a command there, and all three parts together hold 255 characters."""
    return text[:100].replace("&", "&&")
