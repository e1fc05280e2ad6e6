"""Values at the edges of what a cell holds, and the few that one reader or another shows otherwise."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive, so what comes back is

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from reports import Sheet, Workbook

NEW_YORK = ZoneInfo("America/New_York")
MIXED = "mixed"
Reader = Literal["openpyxl", "python-calamine", "LibreOffice"]

TEXTS = [
    *[
        "=1+1",
        "=",
        "+1",
        "-1",
        "@x",
        "-",
        "'a",
        "a'",
        "''",
        '"q"',
        '"',
        "&amp;",
        "&",
        "&#13;",
        "<b>",
        "</t>",
        "]]>",
        "<![CDATA[x]]>",
    ],
    *[
        "_x0041_",
        "_x0041_x0042_",
        "_x005F_",
        "_x005F_x0041_",
        "_x000a_",
        "_x0000_",
        "_xD83D_",
        "_x004",
        "_X0041_",
    ],
    *[r"TRUE", r"1e5", r"007", r"#N/A", r"#REF!", r"\x00", r"\0", r"%00", r"1,5", r"2013-01-05", r"a  b"],
]
SIGNS = [
    *(
        " a",
        "a ",
        " ",
        "   ",
        "\ta",
        "a\t",
        "\t",
        "a\tb",
        "a\nb",
        "a\n",
        "\na",
        "\n",
        "a\rb",
        "\r",
        "a\r\nb",
        "\r\n",
    ),
    *(
        "\N{NO-BREAK SPACE}",
        "\N{NO-BREAK SPACE}a\N{NO-BREAK SPACE}",
        "\N{IDEOGRAPHIC SPACE}a\N{IDEOGRAPHIC SPACE}",
    ),
    *(
        "\N{BUS}",
        "\u65e5\u672c\u8a9e",
        "\u05e9\u05dc\u05d5\u05dd",
        "\N{RIGHT-TO-LEFT OVERRIDE}abc",
        "e\u0301",
    ),
    *("\N{LINE SEPARATOR}", "\x7f", "\x85", "\N{ZERO WIDTH NO-BREAK SPACE}a", "\N{REPLACEMENT CHARACTER}"),
    *("x" * 32_767, "\N{BUS}" * 16_383 + "x", "&" * 32_767, "\n" * 32_767),
]
VALUES: dict[str, list[Any]] = {
    "text": [*TEXTS, *SIGNS],
    "integers": [0, -1, 1, 999_999_999_999_999, -999_999_999_999_999],
    "floats": [
        *(
            0.1 + 0.2,
            1e-300,
            5e-324,
            2.2250738585072014e-308,
            1.7976931348623157e308,
            -1.7976931348623157e308,
        ),
        *(
            -0.0,
            0.0,
            1e15 + 0.5,
            123456789.123456789,
            1e15,
            1e16,
            1e22,
            2.0**53,
            1 / 3,
            1e-5,
            1e5,
            100.0,
            -1.5,
        ),
    ],
    "decimals": [
        *map(
            Decimal,
            ("123456789012345", "-0.00123456789012345", "1.10", "2.00", "1E+3", "1E-15", "0E-10", "-0.00"),
        ),
        *map(Decimal, ("1E+20", "1E-30", "0")),  # too far apart for an array of decimals
    ],
    "dates": [date(1900, 3, 1), date(1970, 1, 1), date(2000, 2, 29), date(9999, 12, 31)],
    "datetimes": [
        *(
            datetime(2013, 1, 5, 1, 2, 3, 123_000),
            datetime(2013, 1, 5, 1, 2, 3, 123_456),
            datetime(2013, 1, 5),
        ),
        *(
            datetime(2013, 1, 5, 23, 59, 59, 999_999),
            datetime(1900, 3, 1),
            datetime(1969, 12, 31, 23, 59, 59),
        ),
        datetime(9999, 12, 31, 23, 59, 59, 999_999),
    ],
    "instants": [
        *(
            datetime(2013, 3, 10, 6, 59, 59, tzinfo=UTC),
            datetime(2013, 3, 10, 7, tzinfo=UTC),
        ),  # a spring hour lost
        *(
            datetime(2013, 11, 3, 5, 30, tzinfo=UTC),
            datetime(2013, 11, 3, 6, 30, tzinfo=UTC),
        ),  # an hour twice
    ],
    "times": [time(0), time(12), time(13, 45, 30), time(23, 59, 59, 999_000), time(23, 59, 59, 999_999)],
    "durations": [
        timedelta(0),
        timedelta(hours=30),
        timedelta(days=20_000),
        timedelta(days=3, milliseconds=1),
    ],
    "booleans": [True, False],
}


@dataclass(frozen=True)
class Otherwise:
    """A value that `reader` shows as something else."""

    reader: Reader
    given: Any
    shown: Any
    why: str


SHOWN_OTHERWISE = (
    Otherwise("LibreOffice", "a\r\nb", "a\nb", "it has one way to end a line"),
    Otherwise("LibreOffice", "\r\n", "\n", "the same"),
    Otherwise("openpyxl", time(23, 59, 59, 999_999), datetime(1900, 1, 1), "rounded up to 24:00"),
    Otherwise("python-calamine", time(23, 59, 59, 999_999), time(0), "the same, and the day is dropped"),
    Otherwise(
        "LibreOffice",
        datetime(9999, 12, 31, 23, 59, 59, 999_999),
        datetime(9999, 12, 31, 23, 59, 59),
        "it knows no later second",
    ),
)


def given(kind: str) -> list[Any]:
    """The column of a kind as it was given: a blank after each value."""
    kinds = [name for name in VALUES if name != "instants"] if kind == MIXED else [kind]
    return [each for name in kinds for value in VALUES[name] for each in (value, None)]


def workbook() -> Workbook:
    """A sheet for each kind, and one whose column mixes them."""
    sheets = [Sheet(kind, _frame(kind)) for kind in VALUES]
    return Workbook(*sheets, Sheet(MIXED, _objects(MIXED)))


def documented(rows: Sequence[Otherwise] = SHOWN_OTHERWISE) -> str:
    """The table of the documentation."""
    lines = ["| value | in | is shown as | because |", "|---|---|---|---|"]
    lines += [f"| `{_named(row.given)}` | {row.reader} | `{_named(row.shown)}` | {row.why} |" for row in rows]
    return "\n".join(lines)


def _named(value: Any) -> str:
    return repr(value)[1:-1] if isinstance(value, str) else str(value)


def _frame(kind: str) -> Any:
    if kind == "decimals":
        return _objects(kind)
    of_type = pa.timestamp("us", "America/New_York") if kind == "instants" else None
    return pa.table({kind: pa.array(given(kind), of_type)})


def _objects(kind: str) -> pd.DataFrame:
    return pd.DataFrame({kind: pd.Series(given(kind), dtype=object)})
