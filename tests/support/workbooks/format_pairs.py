"""Values under the format codes that people use, and the text that Excel shows for each by its documented rules.

The rules are those of ECMA-376, part 1, 18.8.30 and 18.8.31, and of Microsoft's "Number format codes".
"""
# ruff: noqa: DTZ001 # moments without a zone, as cells have them

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = int | float | Decimal | date | datetime | time | timedelta | str | bool

NOON = datetime(2026, 11, 2, 12, 0)
NIGHT = datetime(2026, 1, 9, 0, 4, 5)
LATE = datetime(2026, 12, 31, 23, 59, 59, 600_000)
DAY = date(2026, 3, 1)
ACCOUNTING = '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-'

NUMBERS: dict[str, list[tuple[Value, str]]] = {
    "0": [
        (28.499999999999996, "28"),
        (2.5, "3"),
        (3.5, "4"),
        (-2.5, "-3"),
        (0.4, "0"),
        (-0.4, "0"),
        (1234567, "1234567"),
        (0, "0"),
    ],
    "#": [(0, ""), (0.4, ""), (7, "7"), (-7, "-7")],
    "000": [(5, "005"), (1234, "1234"), (-5, "-005")],
    "0.00": [(1.005, "1.01"), (0.125, "0.13"), (-0.001, "0.00"), (8, "8.00"), (Decimal("2.675"), "2.68")],
    "#.##": [(0.5, ".5"), (2, "2."), (1.256, "1.26")],
    "0.0##": [(1.5, "1.5"), (1.2345, "1.235"), (3, "3.0")],
    "?.??": [(1.5, "1.5 "), (0.25, " .25")],
    "???": [(7, "  7"), (1234, "1234")],
    "#,##0": [(1234567, "1,234,567"), (999.5, "1,000"), (-1234.5, "-1,235"), (12, "12"), (0, "0")],
    "#,##0.00": [(1234.5, "1,234.50"), (-1234.565, "-1,234.57"), (0.005, "0.01"), (Decimal("0.1"), "0.10")],
    "0,000": [(7, "0,007"), (12345, "12,345")],
    "#,##0,": [(1234567, "1,235"), (1499, "1"), (400, "0")],
    '0.0,,"M"': [(1234567, "1.2M"), (-2_550_000, "-2.6M")],
    '#,##0.0,"k"': [(12345, "12.3k")],
    "0%": [(0.125, "13%"), (1, "100%"), (-0.005, "-1%"), (0.004, "0%")],
    "0.0%": [(0.745, "74.5%"), (0.0005, "0.1%"), (12.3456, "1234.6%")],
    "0.00%": [(0.07, "7.00%"), (0.12345, "12.35%")],
    "0 %": [(0.5, "50 %")],
    "%0": [(0.5, "%50")],
    "0.00E+00": [(12345, "1.23E+04"), (9.996, "1.00E+01"), (0.00012, "1.20E-04"), (-5, "-5.00E+00")],
    "0E+0": [(12345, "1E+4"), (0, "0E+0")],
    "0.0E-0": [(12345, "1.2E4"), (0.012, "1.2E-2")],
    "##0.0E+0": [(12345, "12.3E+3"), (123456, "123.5E+3"), (0.0123, "12.3E-3"), (1, "1.0E+0")],
    "# ?/?": [
        (0, "0    "),
        (0.96, "1    "),
        (12.1, "12 1/9"),
        (1.5, "1 1/2"),
        (0.25, " 1/4"),
        (2, "2    "),
        (-1.75, "-1 3/4"),
        (3.14159, "3 1/7"),
    ],
    "# ??/??": [(5.3, "5  3/10"), (0.333, "  1/3 "), (3.14159, "3 14/99")],
    "?/?": [(1.5, "3/2"), (0.2, "1/5")],
    "# ?/8": [(1.3, "1 2/8")],
    "# ??/100": [(0.07, "  7/100")],
    "0;(0)": [(5, "5"), (-5, "(5)"), (0, "0"), (-0.2, "(0)")],
    "#,##0;(#,##0)": [(-3, "(3)"), (1234.5, "1,235"), (-1234.5, "(1,235)")],
    "#,##0_);(#,##0)": [(3, "3 "), (-3, "(3)")],
    "#,##0.00_);[Red](#,##0.00)": [(-1234.5, "(1,234.50)"), (2.345, "2.35 ")],
    "0;-0;": [(0, ""), (5, "5"), (-5, "-5")],
    '0;-0;"none"': [(0, "none"), (-4, "-4")],
    "0.0;-0.0;0": [(0, "0"), (0.04, "0.0")],
    ";;;": [(5, ""), (-5, ""), (0, ""), ("x", "")],
    '"+"0;"-"0;0': [(5, "+5"), (-5, "-5"), (0, "0")],
    "+0.0%;-0.0%;0.0%": [(0.123, "+12.3%"), (-0.123, "-12.3%")],
    '[Green]0;[Red]"down "0': [(5, "5"), (-5, "down 5")],
    "[Blue]0.0": [(1.25, "1.3")],
    "[Color10]0": [(7, "7")],
    '[<100]0;[<1000]"big "0;"huge"': [(5, "5"), (150, "big 150"), (2000, "huge")],
    '[>=1000]0.0,"k";0': [(-5, "-5"), (1500, "1.5k"), (999, "999")],
    '[>1000000]0.0,,"M";[>1000]0.0,"k";0': [(2_500_000, "2.5M"), (2500, "2.5k"), (25, "25")],
    '[=1]"one";[=2]"two";0': [(1, "one"), (2, "two"), (3, "3")],
    '0 "min"': [(90, "90 min"), (-1.5, "-2 min")],
    '[<0]"neg "0;0': [(-5, "neg 5"), (5, "5")],
    "[>5]0;0.00": [(-1, "-1.00")],
    r"0\h": [(7, "7h")],
    r"\#0": [(7, "#7")],
    "$#,##0.00": [(1234.5, "$1,234.50"), (-1234.5, "-$1,234.50")],
    "#,##0.00 [$EUR]": [(1234.5, "1,234.50 EUR"), (-0.5, "-0.50 EUR")],
    "[$€-407]#,##0.00": [(5, "€5.00")],
    "[$£-809]#,##0;-[$£-809]#,##0": [(-5, "-£5")],
    "000-00-0000": [(123456789, "123-45-6789")],
    "(000) 000-0000": [(5551234567, "(555) 123-4567")],
    "0 0 0": [(123, "1 2 3"), (1234, "12 3 4")],
    "@": [("text", "text"), (5, "5"), (1.25, "1.25")],
    '"<"@">"': [("x", "<x>")],
    '0;0;0;"<"@">"': [("x", "<x>"), (1, "1")],
    "0.0;-0.0;0;@": [("n/a", "n/a")],
    ACCOUNTING: [(1234.5, " 1,234.50 "), (-1234.5, "-1,234.50 "), (0, " -   "), ("x", " x ")],
    "General": [
        (1 / 3, "0.333333333"),
        (5, "5"),
        (-2.5, "-2.5"),
        (123456789.123456, "123456789.1"),
        (12345678901, "12345678901"),
        (123456789012, "1.23457E+11"),
        (0.00012, "0.00012"),
        (0.000012345678, "1.23457E-05"),
        (1e20, "1E+20"),
        (100, "100"),
        ("text", "text"),
    ],
    'General" units"': [(1.5, "1.5 units"), (-3, "-3 units")],
    '"no digits"': [(5, "no digits"), (-5, "no digits")],
    ".00": [(1.5, "1.50"), (0.5, ".50")],
    "0.0": [(True, "TRUE")],
    "00.0E+0": [(12345, "01.2E+4")],
}
MOMENTS: dict[str, list[tuple[Value, str]]] = {
    "yyyy-mm-dd": [(DAY, "2026-03-01"), (LATE, "2026-12-31"), (45_000, "2023-03-15")],
    "dd.mm.yy": [(DAY, "01.03.26")],
    "d.m.yyyy": [(DAY, "1.3.2026")],
    "m/d/yyyy": [(DAY, "3/1/2026")],
    "mm/dd/yy": [(DAY, "03/01/26")],
    "d mmm yyyy": [(DAY, "1 Mar 2026")],
    "d mmmm yyyy": [(DAY, "1 March 2026")],
    "mmmmm": [(DAY, "M")],
    "mmm-yy": [(DAY, "Mar-26")],
    "dddd, d mmmm": [(DAY, "Sunday, 1 March")],
    "ddd": [(DAY, "Sun")],
    "yy": [(DAY, "26")],
    "yyyy": [(DAY, "2026")],
    "General": [(DAY, "46082")],
    "0.00": [(time(6), "0.25")],
    "[<1]h:mm;[h]:mm": [(0.5, "12:00"), (1.5, "36:00")],
    "[h]:mm:ss.0": [(timedelta(seconds=59.97), "0:01:00.0")],
    '"Q"yyyy': [(DAY, "Q2026")],
    "yyyy-mm-dd hh:mm": [(NIGHT, "2026-01-09 00:04"), (LATE, "2026-12-31 23:59")],
    "yyyy-mm-dd hh:mm:ss": [(NIGHT, "2026-01-09 00:04:05"), (LATE, "2027-01-01 00:00:00")],
    'yyyy-mm-dd"T"hh:mm:ss': [(NIGHT, "2026-01-09T00:04:05")],
    "hh:mm": [(NOON, "12:00"), (0.75, "18:00"), (time(6, 30), "06:30")],
    "h:mm": [(NIGHT, "0:04")],
    "h:mm:ss": [(time(6, 5, 9), "6:05:09")],
    "h:mm AM/PM": [(NIGHT, "12:04 AM"), (NOON, "12:00 PM"), (time(18, 5), "6:05 PM")],
    "hh:mm AM/PM": [(NIGHT, "12:04 AM"), (time(6, 30), "06:30 AM"), (time(23, 59), "11:59 PM")],
    "h AM/PM": [(time(15), "3 PM")],
    "h:mm A/P": [(time(15, 4), "3:04 P")],
    "mm:ss": [(NIGHT, "04:05"), (timedelta(minutes=70, seconds=5), "10:05")],
    "mm:ss.0": [(LATE, "59:59.6")],
    "hh:mm:ss.000": [(time(1, 2, 3, 456_000), "01:02:03.456")],
    "ss.00": [(time(1, 2, 3, 456_000), "03.46")],
    "[h]:mm": [(timedelta(hours=30, minutes=5), "30:05"), (timedelta(minutes=5), "0:05"), (1.5, "36:00")],
    "[h]:mm:ss": [(timedelta(hours=30, minutes=5, seconds=9), "30:05:09"), (timedelta(days=5), "120:00:00")],
    "[hh]:mm": [(timedelta(hours=5), "05:00")],
    "h:mm:ss.0": [(timedelta(seconds=1.26), "0:00:01.3")],
    "[m]": [(timedelta(hours=2), "120")],
    "[mm]:ss": [(timedelta(minutes=90, seconds=1), "90:01")],
    "[s]": [(timedelta(minutes=2), "120")],
    "[ss].00": [(timedelta(seconds=61.25), "61.25")],
    '[h] "h" mm "min"': [(timedelta(hours=26, minutes=7), "26 h 07 min")],
    "d/m": [(DAY, "1/3")],
    "[$-409]d mmm yyyy": [(DAY, "1 Mar 2026")],
    "yyyy-mm-dd;@": [(DAY, "2026-03-01")],
    "[$-F400]h:mm:ss AM/PM": [(time(18, 5, 7), "6:05:07 PM")],
}
PAIRS = [
    (value, code, text)
    for codes in (NUMBERS, MOMENTS)
    for code, known in codes.items()
    for value, text in known
]

CUT = "General shows 11 characters (ECMA-376, part 1, 18.8.30); LibreOffice shows what a double holds"
POWER = (
    "General shows powers of ten from 12 digits on (ECMA-376, the same place); LibreOffice shows them later"
)
MINUS = (
    "the minus of a number that no section is made for stays; LibreOffice drops it in every second section"
)
# By value and code: what LibreOffice shows otherwise, and why Excel's text is the one to show.
OTHERWISE: dict[tuple[Value, str], tuple[str, str]] = {
    (2, "#.##"): (
        "2",
        "a point in the code is always shown; LibreOffice leaves out one that no digit follows",
    ),
    (-5, '[>=1000]0.0,"k";0'): ("5", MINUS),
    (-1, "[>5]0;0.00"): ("1.00", MINUS),
    (1 / 3, "General"): ("0.333333333333333", CUT),
    (123456789.123456, "General"): ("123456789.123456", CUT),
    (123456789012, "General"): ("123456789012", POWER),
    (0.000012345678, "General"): ("0.000012345678", POWER),
    (1e20, "General"): ("1E+020", POWER),
    (True, "0.0"): ("1.0", "a truth value has no number format in Excel; LibreOffice counts it as 1"),
    (LATE, "yyyy-mm-dd hh:mm"): (
        "2027-01-01 00:00",
        "Excel cuts seconds that are not shown, LibreOffice rounds",
    ),
    (time(15, 4), "h:mm A/P"): ("3:04 p", "A/P is shown as it is written; LibreOffice writes it small"),
    (timedelta(seconds=61.25), "[ss].00"): (
        "0.000708912037037037",
        "LibreOffice does not read fractions of [ss]",
    ),
    (time(18, 5, 7), "[$-F400]h:mm:ss AM/PM"): (
        "06:05:07 PM",
        "LibreOffice takes the long time of its own locale",
    ),
}
