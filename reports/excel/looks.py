"""Fonts, fills, borders and page set-up of every sheet: dark ink on paper, hairlines, no decoration."""

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.excel.styles import Look
from reports.sheet import Page

INK = "1D1C1A"
SOFT = "6B6862"
GROUND = "F1EEE7"  # the paper of the page, a shade deeper, so that it survives a printer
RULE = "A19D94"
ACCENT = "1F4E79"
FONT = "Calibri"
SIZE = 11
LINE_HEIGHT = 15.0  # points, of a line at that size
LANDSCAPE_FROM = 90  # characters: about what A4 upright holds at full size
SHRINK_UP_TO = 260  # characters: beyond, one page's width would be too small to read

BODY_FONT = Font(name=FONT, size=SIZE, color=INK)
BOLD_FONT = Font(name=FONT, size=SIZE, bold=True, color=INK)
SOFT_FONT = Font(name=FONT, size=SIZE, color=SOFT)
LINK_FONT = Font(name=FONT, size=SIZE, color=ACCENT, underline="single")
TITLE_FONT = Font(name="Cambria", size=18, bold=True, color=INK)
HEADING_FONT = Font(name="Cambria", size=14, bold=True, color=INK)
GROUND_FILL = PatternFill("solid", fgColor=GROUND)
RULE_BELOW = Border(bottom=Side("thin", color=RULE))
RULE_ABOVE = Border(top=Side("thin", color=RULE))
AT_LEFT = Alignment(horizontal="left", vertical="center", indent=1)  # air after a number in the column before
AT_RIGHT = Alignment(horizontal="right", vertical="center")
WRAPPED = Alignment(horizontal="left", vertical="center", indent=1, wrap_text=True)
HEADER_AT_LEFT = Alignment(horizontal="left", vertical="bottom", wrap_text=True, indent=1)
HEADER_AT_RIGHT = Alignment(horizontal="right", vertical="bottom", wrap_text=True)
BESIDE_BUTTON = Alignment(horizontal="right", vertical="bottom", wrap_text=True, indent=2)

LEFT = Look(BODY_FONT, AT_LEFT)
RIGHT = Look(BODY_FONT, AT_RIGHT)
LONG = Look(BODY_FONT, WRAPPED)
SOFT_LEFT = Look(SOFT_FONT, AT_LEFT)
LINK = Look(LINK_FONT, AT_LEFT)
TITLE = Look(TITLE_FONT, AT_LEFT)
HEADING = Look(HEADING_FONT, AT_LEFT)
BOLD_LEFT = Look(BOLD_FONT, AT_LEFT)
HEADER_LEFT = Look(BOLD_FONT, HEADER_AT_LEFT, GROUND_FILL, RULE_BELOW)
HEADER_RIGHT = Look(BOLD_FONT, HEADER_AT_RIGHT, GROUND_FILL, RULE_BELOW)
HEADER_BESIDE_BUTTON = Look(BOLD_FONT, BESIDE_BUTTON, GROUND_FILL, RULE_BELOW)
TOTAL_LEFT = Look(BOLD_FONT, AT_LEFT, border=RULE_ABOVE)
TOTAL_RIGHT = Look(BOLD_FONT, AT_RIGHT, border=RULE_ABOVE)
TEXTS = {"title": TITLE, "heading": HEADING, "body": LEFT, "note": SOFT_LEFT}
HEIGHTS = {"title": 30.0, "heading": 22.0}  # points, of a line; others take Excel's own
PAPERS = {"letter": 1, "legal": 5, "A3": 8, "A4": 9}  # Excel's numbers for them


def set_up_page(ws: Worksheet, width: float, title: str | None, page: Page) -> None:
    """Landscape when wide, the title, the sheet's name and page numbers below."""
    ws.page_setup.paperSize = PAPERS[page.paper]
    ws.page_setup.orientation = page.orientation or ("landscape" if width > LANDSCAPE_FROM else "portrait")
    if page.fit_width and width <= SHRINK_UP_TO:
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
