"""The workbook as LibreOffice reads it: how long it takes to open, and the figures that it then shows."""

import csv
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from pathlib import Path

from bench._installation import Installation
from bench._year_truth import Truth

PATIENCE = 900.0  # seconds
# Commas, quotes where needed, UTF-8, from the first line, cells as they are shown, every sheet (its help, "CSV
# filter parameters").
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

SHEETS = ("By carrier", "By day", "Departures")


@dataclass(frozen=True)
class Opened:
    seconds: float  # from the start of the program to the last sheet's CSV
    found: Truth


def find_office() -> str | None:
    return shutil.which("soffice")


def open_with(office: str, workbook: Path, installation: Installation) -> Opened:
    """Raises BenchFailed when it does not open."""
    folder = installation.folder / "office"
    # A profile of its own: the user's may be in use, and then nothing is converted.
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words = [office, "--headless", "--norestore", profile, "--convert-to", FILTER, "--outdir", str(folder)]
    seconds = installation.run("office", [*words, str(workbook)], PATIENCE)
    sheets = {name: folder / f"{workbook.stem}-{name}.csv" for name in SHEETS}
    if missing := [name for name, path in sheets.items() if not path.exists()]:
        raise installation.failed(f"LibreOffice shows no sheet {', '.join(missing)}")
    return Opened(seconds, figures_of(sheets))


def figures_of(sheets: Mapping[str, Path]) -> Truth:
    """The sums over the rows of the long sheet; the counts as the two short ones have them."""
    rows = cancelled = distance = dep_delay = arr_delay = 0
    for row in _rows(sheets["Departures"]):
        rows += 1
        cancelled += row["Cancelled"] == "TRUE"
        distance += _number(row["Distance (miles)"])
        dep_delay += _number(row["Departure delay (min)"])
        arr_delay += _number(row["Arrival delay (min)"])
    return Truth(
        departures=rows,
        cancelled=cancelled,
        distance=distance,
        dep_delay=dep_delay,
        arr_delay=arr_delay,
        by_carrier={row["Carrier"]: _number(row["Flights"]) for row in _rows(sheets["By carrier"])},
        by_day={row["Day"]: _number(row["Flights"]) for row in _rows(sheets["By day"])},
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of the sheet's table: from the first row with several cells, down to an empty one."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = dropwhile(lambda line: sum(map(bool, line)) < 2, csv.reader(file))
        header = next(lines, [])
        for line in takewhile(any, lines):
            yield dict(zip(header, line, strict=True))


def _number(shown: str) -> int:
    """Of a whole number with its separators of thousands; an empty cell counts nothing."""
    return int(shown.replace(",", "")) if shown else 0
