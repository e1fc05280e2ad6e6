"""Dates, times and durations as text under a section of a format code."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from reports.number_formats.codes import Section, Token
from reports.periods import MONTHS

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 # naive, as all of Excel's moments: day 0 of its serial numbers
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MICROSECOND = timedelta(microseconds=1)
UNITS = {"h": 3_600, "m": 60, "s": 1}  # seconds
NOON = 12
SECONDS = frozenset({"date", "elapsed"})  # parts that may show seconds


def serial(value: date | time | timedelta) -> float:
    """Return the value as spreadsheets count: days, since the end of 1899 where it is a moment."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    return (_moment(value) - EPOCH) / timedelta(days=1)


def shown_moment(value: date | time | timedelta | float, section: Section) -> str:
    """Return the text, rounded to what is shown of a second. Raises OverflowError beyond the calendar."""
    if isinstance(value, timedelta) and value < timedelta(0):
        return "-" + shown_moment(-value, section)
    exact = _moment(value)
    seconds = [token.text for token in section.tokens if token.part in SECONDS and token.text[0] == "s"]
    if seconds:
        digits = max(len(text.partition(".")[2]) for text in seconds)
        unit = 10 ** (6 - min(digits, 6)) * MICROSECOND
        exact = EPOCH + (exact - EPOCH + unit // 2) // unit * unit
    halves = any(token.part == "noon" for token in section.tokens)
    return "".join(_token(token, exact, halves=halves) for token in section.tokens)


def _moment(value: date | time | timedelta | float) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if isinstance(value, time):
        return datetime.combine(EPOCH.date(), value.replace(tzinfo=None))
    return EPOCH + (value if isinstance(value, timedelta) else timedelta(days=value))


def _token(token: Token, moment: datetime, *, halves: bool) -> str:
    if token.part == "elapsed":
        whole, _, digits = token.text.partition(".")
        passed, rest = divmod(moment - EPOCH, timedelta(seconds=UNITS[token.text[0]]))
        return str(passed).zfill(len(whole)) + _fraction(rest.microseconds, digits)
    if token.part == "noon":
        return token.text.split("/")[moment.hour >= NOON]
    if token.part != "date":
        return token.text
    letter, width = token.text[0], len(token.text)
    if letter == "s":
        whole, _, digits = token.text.partition(".")
        return str(moment.second).zfill(min(len(whole), 2)) + _fraction(moment.microsecond, digits)
    if letter == "h":
        hour = (moment.hour - 1) % NOON + 1 if halves else moment.hour
        return str(hour).zfill(min(width, 2))
    return CALENDAR[letter](moment, width)


def _fraction(microseconds: int, digits: str) -> str:
    """As many digits of a second as the code has zeros."""
    return f".{microseconds:06}".ljust(len(digits) + 1, "0")[: len(digits) + 1] if digits else ""


def _year(moment: datetime, width: int) -> str:
    return f"{moment.year:04}" if width > 2 else f"{moment.year % 100:02}"


def _month(moment: datetime, width: int) -> str:
    name = MONTHS[moment.month - 1]
    if width <= 2:
        return str(moment.month).zfill(width)
    return {3: name[:3], 5: name[0]}.get(width, name)


def _day(moment: datetime, width: int) -> str:
    if width <= 2:
        return str(moment.day).zfill(width)
    name = DAYS[moment.weekday()]
    return name[:3] if width == 3 else name


CALENDAR: dict[str, Callable[[datetime, int], str]] = {
    "y": _year,
    "m": _month,
    "d": _day,
    "n": lambda moment, width: str(moment.minute).zfill(min(width, 2)),
}
