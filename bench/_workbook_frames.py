"""The tables that every writer gets: the same values on every machine. Knows nothing of the writers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MIXED_ROWS = 100_000
LONG_ROWS = 1_000_000
NULLS = 0.02  # of the values of a column that has any
LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", np.uint8)
WORDS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz      ", np.uint8)
REGIONS = ("North", "North-East", "South", "South-West", "West", "Overseas")
AWKWARD = (
    "Müller & Söhne",
    "less than < 5",
    "Übergröße",
    "R&D <draft>",
)  # what XML must escape, and more bytes
AWKWARD_SHARE = 0.03
FIRST_DAY = date(2019, 1, 1)
DAYS = 2_500
SECONDS_PER_DAY = 86_400

# How a column is shown, by every writer that can be told.
CURRENCY = "#,##0.00 [$€-407]"  # as Excel writes it; PyExcelerate breaks the file at quotes in a format
PERCENT = "0.0%"
DATE = "yyyy-mm-dd"
DATETIME = "yyyy-mm-dd hh:mm:ss"
FORMATS = {
    "price": CURRENCY,
    "amount": CURRENCY,
    "tax": CURRENCY,
    "margin": PERCENT,
    "day": DATE,
    "booked": DATETIME,
}
WIDTH = 14.0  # characters, of every column
GROUND = "F1EEE7"  # behind the header


def mixed() -> pa.Table:
    """Two integers, two amounts, a share, an exact decimal, a date, an instant, three texts and a boolean."""
    rng, rows = np.random.default_rng(12), MIXED_ROWS
    return pa.table(
        {
            "order": pa.array(np.arange(rows, dtype=np.int64) + 7_000_000),
            "units": pa.array(rng.integers(1, 500, rows)),
            "price": _cents(rng, rows, 90_000),
            "amount": _with_nulls(rng, _cents(rng, rows, 40_000_000)),
            "margin": pa.array(rng.integers(0, 1_000, rows) / 1_000),
            "tax": _cents(rng, rows, 8_000_000).cast(pa.decimal128(12, 2)),
            "day": _days(rng, rows),
            "booked": _with_nulls(rng, _instants(rng, rows)),
            "region": pa.array(REGIONS).take(pa.array(rng.integers(0, len(REGIONS), rows))),
            "customer": _with_nulls(rng, _texts(rng, rows, LETTERS, 8, 20)),
            "remark": _remarks(rng, rows),
            "paid": pa.array(rng.random(rows) < 0.8),
        }
    )


def long() -> pa.Table:
    """Four integers, three amounts, a date and two short texts, a million times."""
    rng, rows = np.random.default_rng(10), LONG_ROWS
    return pa.table(
        {
            "order": pa.array(np.arange(rows, dtype=np.int64)),
            "shop": pa.array(rng.integers(1, 900, rows)),
            "article": pa.array(rng.integers(100_000, 999_999, rows)),
            "units": pa.array(rng.integers(1, 50, rows)),
            "price": _cents(rng, rows, 90_000),
            "amount": _with_nulls(rng, _cents(rng, rows, 4_000_000)),
            "tax": _cents(rng, rows, 800_000),
            "day": _days(rng, rows),
            "region": pa.array(REGIONS).take(pa.array(rng.integers(0, len(REGIONS), rows))),
            "customer": _with_nulls(rng, _texts(rng, rows, LETTERS, 4, 10)),
        }
    )


FRAMES: dict[str, Callable[[], pa.Table]] = {"A": mixed, "B": long}


def _cents(rng: np.random.Generator, rows: int, most: int) -> Any:
    return pa.array(rng.integers(100, most, rows) / 100)


def _days(rng: np.random.Generator, rows: int) -> Any:
    first = np.datetime64(FIRST_DAY, "D")
    return pa.array(first + rng.integers(0, DAYS, rows).astype("timedelta64[D]"))


def _instants(rng: np.random.Generator, rows: int) -> Any:
    """Whole seconds: some writers cut the rest."""
    first = np.datetime64(datetime.combine(FIRST_DAY, datetime.min.time()), "s")
    seconds = rng.integers(0, DAYS * SECONDS_PER_DAY, rows).astype("timedelta64[s]")
    return pa.array((first + seconds).astype("datetime64[us]"))


def _texts(rng: np.random.Generator, rows: int, signs: Any, least: int, most: int) -> Any:
    """Random texts of `least` to `most` signs, cut from one long one."""
    lengths = rng.integers(least, most + 1, rows)
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    content = signs[rng.integers(0, len(signs), ends[-1])]
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends.tobytes()), pa.py_buffer(content.tobytes()))


def _remarks(rng: np.random.Generator, rows: int) -> Any:
    plain = _texts(rng, rows, WORDS, 20, 60)
    begun = pa.array(AWKWARD).take(pa.array(rng.integers(0, len(AWKWARD), rows)))
    awkward = pc.utf8_slice_codeunits(pc.binary_join_element_wise(begun, plain, " "), 0, 60)
    return pc.if_else(pa.array(rng.random(rows) < AWKWARD_SHARE), awkward, plain)


def _with_nulls(rng: np.random.Generator, values: Any) -> Any:
    return pc.if_else(pa.array(rng.random(len(values)) < NULLS), pa.scalar(None, values.type), values)
