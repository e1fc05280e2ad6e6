"""Fonts, fills and borders of every sheet: dark ink on paper, hairlines, no decoration."""

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from reports.excel.styles import CellStyle
from reports.palette import ACCENT, GROUND, INK, RULE, SOFT

FONT = "Calibri"
SIZE = 11
LINE_HEIGHT = 15.0  # points, of a line at that size
DRAWN_HEIGHT = 21.0  # points, of a row with a sparkline: in a line's height its course can hardly be seen

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
HEADER_IN_THE_MIDDLE = Alignment(horizontal="center", vertical="bottom", wrap_text=True)
BESIDE_BUTTON = Alignment(horizontal="right", vertical="bottom", wrap_text=True, indent=2)

LEFT = CellStyle(BODY_FONT, AT_LEFT)
RIGHT = CellStyle(BODY_FONT, AT_RIGHT)
LONG = CellStyle(BODY_FONT, WRAPPED)
SOFT_LEFT = CellStyle(SOFT_FONT, AT_LEFT)
LINK = CellStyle(LINK_FONT, AT_LEFT)
TITLE = CellStyle(TITLE_FONT, AT_LEFT)
HEADING = CellStyle(HEADING_FONT, AT_LEFT)
BOLD_LEFT = CellStyle(BOLD_FONT, AT_LEFT)
HEADER_LEFT = CellStyle(BOLD_FONT, HEADER_AT_LEFT, GROUND_FILL, RULE_BELOW)
HEADER_RIGHT = CellStyle(BOLD_FONT, HEADER_AT_RIGHT, GROUND_FILL, RULE_BELOW)
HEADER_BESIDE_BUTTON = CellStyle(BOLD_FONT, BESIDE_BUTTON, GROUND_FILL, RULE_BELOW)
HEADER_COMMON = CellStyle(BOLD_FONT, HEADER_IN_THE_MIDDLE, GROUND_FILL, RULE_BELOW)
HEADER_EMPTY = CellStyle(BOLD_FONT, HEADER_AT_LEFT, GROUND_FILL)
TOTAL_LEFT = CellStyle(BOLD_FONT, AT_LEFT, border=RULE_ABOVE)
TOTAL_RIGHT = CellStyle(BOLD_FONT, AT_RIGHT, border=RULE_ABOVE)
TEXTS = {"title": TITLE, "heading": HEADING, "body": LEFT, "note": SOFT_LEFT}
HEIGHTS = {"title": 30.0, "heading": 22.0}  # points, of a line; others take Excel's own
