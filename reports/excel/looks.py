"""Fonts, fills, borders and page set-up of every sheet: dark ink on paper, hairlines, no decoration."""

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

INK = "1D1C1A"
SOFT = "6B6862"
GROUND = "F1EEE7"  # the paper of the page, a shade deeper, so that it survives a printer
RULE = "A19D94"
FONT = "Calibri"
SIZE = 11
LINE_HEIGHT = 15.0  # points, of a line at that size
LANDSCAPE_FROM = 90  # characters: about what A4 upright holds at full size
SHRINK_UP_TO = 260  # characters: beyond, one page's width would be too small to read

BODY_FONT = Font(name=FONT, size=SIZE, color=INK)
HEADER_FONT = Font(name=FONT, size=SIZE, bold=True, color=INK)
SOFT_FONT = Font(name=FONT, size=SIZE, color=SOFT)
TITLE_FONT = Font(name="Cambria", size=18, bold=True, color=INK)
HEADER_FILL = PatternFill("solid", fgColor=GROUND)
HEADER_BORDER = Border(bottom=Side("thin", color=RULE))
LEFT = Alignment(horizontal="left", vertical="center", indent=1)  # air after a number in the column before
RIGHT = Alignment(horizontal="right", vertical="center")
HEADER_LEFT = Alignment(horizontal="left", vertical="bottom", wrap_text=True, indent=1)
HEADER_RIGHT = Alignment(horizontal="right", vertical="bottom", wrap_text=True)
HEADER_BESIDE_BUTTON = Alignment(horizontal="right", vertical="bottom", wrap_text=True, indent=2)


def set_up_page(ws: Worksheet, width: float, title: str | None) -> None:
    """A4, landscape when wide, the sheet's name and page numbers below."""
    ws.page_setup.paperSize = ws.PAPERSIZE_A4
    ws.page_setup.orientation = "landscape" if width > LANDSCAPE_FROM else "portrait"
    if width <= SHRINK_UP_TO:
        ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        ws.page_setup.fitToWidth = 1
        ws.page_setup.fitToHeight = 0  # as many pages long as it takes
    ws.page_margins.left = ws.page_margins.right = 0.5
    ws.page_margins.top = ws.page_margins.bottom = 0.7
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text, footer.right.text = _footer(title or ""), "&A", "&P / &N"
    ws.oddFooter = footer


def _footer(text: str) -> str:
    """A footer's text: `&` begins a command there, and all three parts together hold 255 characters."""
    return text[:100].replace("&", "&&")
