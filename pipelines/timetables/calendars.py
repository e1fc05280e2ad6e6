"""Days on which nothing fires: weekends, public holidays, dates of one's own. Pure time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from presstime.errors import PresstimeError

OnClosed = Literal["skip", "next", "previous"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = timedelta(days=1)
LONGEST_CLOSED = 31  # days in a row; an instant is not shifted farther than this, but left out


class BadCalendar(PresstimeError):
    """A calendar's file cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A calendar of closed days, and what becomes of an instant that falls on one.

    `country` and `region` are ISO 3166 codes (US, NY) of the public holidays; `on_closed` leaves the instant
    out, or moves it to the same time on the next or the previous open day.
    """

    country: str | None = None
    region: str | None = None
    weekend: tuple[Weekday, ...] = ("sat", "sun")
    dates: tuple[date, ...] = ()
    on_closed: OnClosed = "skip"

    def problems(self) -> Iterator[str]:
        if self.country is None and self.region is not None:
            yield f"calendar has region={self.region!r} and no country="
        elif self.country is not None:
            yield from _place_problems(self.country, self.region)
        for word in self.weekend:
            if word not in WEEKDAYS:
                yield f"calendar has weekend={word!r}, which is not one of {', '.join(WEEKDAYS)}"
        if set(self.weekend) >= set(WEEKDAYS):
            yield "calendar closes every day of the week"
        if self.on_closed not in get_args(OnClosed):
            yield f"calendar has on_closed={self.on_closed!r}, which is not one of {', '.join(get_args(OnClosed))}"

    def closed(self, day: date) -> str | None:
        """Return why the day is closed; None for an open one."""
        if day in self._own_dates:
            return "closed by a date of its own"
        if self.country is not None and (name := holidays_of(self.country, self.region, day.year).get(day)):
            return name
        return NAMES[day.weekday()] if WEEKDAYS[day.weekday()] in self.weekend else None

    def shifted(self, day: date) -> date | None:
        """The nearest open day in the direction of `on_closed`; None when there is none within a month."""
        step = DAY if self.on_closed == "next" else -DAY
        for _ in range(LONGEST_CLOSED + 1):
            if self.closed(day) is None:
                return day
            day += step
        return None

    @property
    def _own_dates(self) -> frozenset[date]:
        return _as_set(self.dates)


def read_dates(path: Path | str) -> tuple[date, ...]:
    """The dates (2026-12-24) that a text or CSV file names, one a line; what follows a date is a remark.

    Empty lines and lines that begin with # are left out. Raises BadCalendar for any other line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCalendar(f"calendar file {path}: {error}") from error
    days = []
    for number, line in enumerate(lines, start=1):
        word = re.split(r"[,;\s]", line.strip(), maxsplit=1)[0].strip('"')
        if not word or word.startswith("#"):
            continue
        try:
            days.append(date.fromisoformat(word))
        except ValueError as error:
            raise BadCalendar(
                f"calendar file {path}, line {number}: {word!r} is no date like 2026-12-24"
            ) from error
    return tuple(sorted(set(days)))


@lru_cache(maxsize=4096)
def holidays_of(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """The public holidays of one year with their names, those observed on another day included."""
    # Loads the rules of one country, and is asked only where a schedule has a calendar.
    import holidays  # noqa: PLC0415 # see above

    names = holidays.country_holidays(country, subdiv=region, years=year, language="en_US")
    return dict(names.items())


@lru_cache(maxsize=256)
def _as_set(dates: tuple[date, ...]) -> frozenset[date]:
    return frozenset(dates)


def _place_problems(country: str, region: str | None) -> Iterator[str]:
    known = _places()
    if country not in known:
        yield f"calendar has country={country!r}, which is not an ISO 3166 code with known holidays such as 'US'"
    elif region is not None and region not in known[country]:
        some = ", ".join(sorted(known[country])[:8]) or "none"
        yield f"calendar has region={region!r}, which {country} does not have; known are {some}"


@lru_cache(maxsize=1)
def _places() -> Mapping[str, Sequence[str]]:
    """Countries with known holidays, and their regions. Asked for each look at a schedule, so made once."""
    import holidays  # noqa: PLC0415 # as above

    return holidays.list_supported_countries(include_aliases=True)
