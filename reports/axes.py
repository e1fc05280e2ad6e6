"""How axes of charts count, in numbers and in days, whatever draws them."""

import math
import re

from reports.number_formats.formats import GENERAL, format_code

DAYS_A_YEAR = 365.25
TIME_UNITS = (  # of labels: the name, days, how they are shown, and every how many
    ("days", 1.0, "d mmm", (1, 2, 7, 14)),
    ("months", DAYS_A_YEAR / 12, "mmm yyyy", (1, 2, 3, 6)),
    ("years", DAYS_A_YEAR, "yyyy", (1, 2, 5, 10)),
)
SHORT_AXIS = 5  # up to which its numbers need their decimals


def axis_code(code: str, largest: float = math.inf) -> str:
    """A column's format for an axis up to `largest`, which has no use for decimals unless it is short."""
    if code == GENERAL or largest * (100 if "%" in code else 1) < SHORT_AXIS:
        return code
    return re.sub(r"(?<=0)\.[0#?]+", "", code)


def given_code(given: str) -> str:
    """A format that only has a name counts as on any axis; a code is as it was given."""
    code = format_code(given)
    return axis_code(code) if code != given else code
