"""Excel's numbers of days as dates, times and durations. Loads no Excel library, which takes most of a second."""

import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from reports.number_formats.formats import Kind

# What the numbers below 164 stand for in every file (ECMA-376 part 1, 18.8.30). 27 to 36 and 50 to 58 are the
# East Asian ones, which all begin with a date; the rest are no moments.
BUILTIN_KINDS: dict[int, Kind] = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 59)), Kind.DATE),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47), Kind.TIME),
    22: Kind.DATETIME,
    46: Kind.DURATION,
}
MILLISECONDS = 86_400_000  # of a day
SINCE_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 # Excel's days have no zone
SINCE_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 # the same
LEAP_THAT_NEVER_WAS = 60  # 1900-02-29, which Excel counts: before it every number stands for a day later
ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")
LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')  # of a format code: what does not stand for the value


@lru_cache(maxsize=1024)
def format_kind(code: str) -> Kind | None:
    """What a format code makes of a number; None where it stays one."""
    first = code.lower().partition(";")[0]
    if ELAPSED.search(first):
        return Kind.DURATION
    bare = LITERALS.sub("", first)
    if "general" in bare:
        return None
    letters = set(bare)
    day, hour = not letters.isdisjoint("dy"), not letters.isdisjoint("hs")
    if day or hour:
        return Kind.DATETIME if day and hour else Kind.DATE if day else Kind.TIME
    return Kind.DATE if "m" in letters else None


def moment(number: float, kind: Kind, epoch: datetime) -> object:
    """What the number stands for, to the millisecond as in Excel; the number itself outside the calendar."""
    try:
        passed = timedelta(milliseconds=round(number * MILLISECONDS))
        if kind is Kind.DURATION:
            return passed
        if number < 0:
            return number
        if kind is Kind.TIME and number < 1:
            return (SINCE_1900 + passed).time()
        shifted = epoch is SINCE_1900 and number < LEAP_THAT_NEVER_WAS
        found = epoch + passed + timedelta(days=shifted)
    except (OverflowError, ValueError):
        return number
    return found.date() if kind is Kind.DATE and found.time() == time() else found
