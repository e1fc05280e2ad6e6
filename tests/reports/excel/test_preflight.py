"""What Excel cannot hold is repaired where the author says so, and every repair is told."""
# ruff: noqa: DTZ001 # naive datetimes are what these columns hold

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import Column, Preflight, Sheet, Workbook
from reports.errors import MAX_ROWS, BadCell, BadColumnName, BadColumnType, BadPolicy
from reports.excel.writer import write_workbook
from reports.written import Written
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.reading import CREATED, column_values, sheet_of

PATHS = ["columnar", "openpyxl"]
LONG = "x" * 40_000
CASES: list[tuple[str, str, list[Any], list[Any], str]] = [
    (
        "long_text",
        "cut",
        ["a", LONG],
        ["a", LONG[:32_767]],
        "texts of more than 32,767 characters, cut: 1",
    ),
    (
        "control_characters",
        "remove",
        ["a", "b\x07ell"],
        ["a", "bell"],
        "texts with control characters, replaced: 1",
    ),
    (
        "control_characters",
        "spell_out",
        ["a", "\ufffe"],
        ["a", "\\ufffe"],
        "texts with control characters, replaced: 1",
    ),
    ("digits", "text", [1, 10**15], [1, "1000000000000000"], "numbers of more than 15 digits, now text: 1"),
    (
        "digits",
        "text",
        [Decimal("1.5"), Decimal("0.1234567890123456")],
        [1.5, "0.1234567890123456"],
        "numbers of more than 15 digits, now text: 1",
    ),
    ("infinity", "text", [1.5, float("-inf")], [1.5, "-inf"], "infinite numbers, now text: 1"),
    ("infinity", "blank", [1.5, float("inf")], [1.5, None], "infinite numbers, now blank cells: 1"),
    (
        "early_dates",
        "text",
        [date(2013, 1, 5), date(1850, 1, 1)],
        [datetime(2013, 1, 5), "1850-01-01"],
        "dates before 1900-03-01, now text: 1",
    ),
    (
        "early_dates",
        "text",
        [datetime(2013, 1, 5, 1), datetime(1850, 1, 1, 6, 30)],
        [datetime(2013, 1, 5, 1), "1850-01-01 06:30:00"],
        "dates before 1900-03-01, now text: 1",
    ),
    (
        "negative_durations",
        "text",
        [timedelta(1), timedelta(-1)],
        [timedelta(1), "-1 day, 0:00:00"],
        "negative durations, now text: 1",
    ),
]


def written(folder: Path, frame: Any, path: Any, preflight: Preflight, **options: Any) -> Written:
    workbook = Workbook(Sheet("Data", frame, **options), preflight=preflight)
    return write_workbook(workbook, folder / "a.xlsx", created=CREATED, row_path=path, about=ABOUT)


def values_of(folder: Path, sheet: str = "Data") -> list[Any]:
    return list(column_values(sheet_of(load_workbook(folder / "a.xlsx"), sheet)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("library", ["arrow", "objects", "mixed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{type(case[2][0]).__name__}")
def test_a_policy_repairs_single_cells_and_says_so(
    case: tuple[str, str, list[Any], list[Any], str], library: str, path: str, tmp_path: Path
) -> None:
    finding, policy, given, expected, said = case
    repairing: dict[str, Any] = {finding: policy}
    before: list[Any] = ["text"] if library == "mixed" and not isinstance(given[0], str) else [None]
    values = [*before, *given]
    objects = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    frame: Any = pa.table({"a": values}) if library == "arrow" else objects
    made = written(tmp_path, frame, path, Preflight(**repairing))
    assert values_of(tmp_path) == [*before, *expected]
    note = next(one for one in made.findings if one.kind == finding)
    assert (note.sheet, note.column, note.count, note.cell) == ("Data", "a", 1, "A4")
    assert said in note.text
    about = sheet_of(load_workbook(tmp_path / "a.xlsx"), "About")
    assert str(note) in {cell.value for row in about.iter_rows() for cell in row}


@pytest.mark.parametrize("path", PATHS)
def test_nan_is_blank_by_default_text_by_choice_or_an_error(path: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1.5, float("nan"), None]})
    assert written(tmp_path, frame, path, Preflight()).notes
    assert values_of(tmp_path) == [1.5, None, None]
    written(tmp_path, frame, path, Preflight(nan="text"))
    assert values_of(tmp_path) == [1.5, "NaN", None]
    with pytest.raises(BadCell, match="cell A3"):
        written(tmp_path, frame, path, Preflight(nan="error"))


@pytest.mark.parametrize("frame", [pl.DataFrame({"a": [[1, 2], None]}), pd.DataFrame({"a": [[1, 2], None]})])
@pytest.mark.parametrize("path", PATHS)
def test_nested_values_become_json_by_choice(frame: Any, path: str, tmp_path: Path) -> None:
    made = written(tmp_path, frame, path, Preflight(nested="json"))
    assert values_of(tmp_path) == ["[1, 2]", None]
    assert "nested values, now JSON: 1" in made.notes[0]


@pytest.mark.parametrize("path", PATHS)
def test_mixed_columns_are_kept_and_noted_made_text_or_refused(path: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["a", 1, True, None], dtype=object)})
    made = written(tmp_path, frame, path, Preflight())
    assert values_of(tmp_path) == ["a", 1, True, None]
    assert made.notes == (
        "sheet 'Data', column 'a': its 3 values are of several kinds; each cell is typed by itself",
    )
    written(tmp_path, frame, path, Preflight(mixed_types="text"))
    assert values_of(tmp_path) == ["a", "1", "True", None]
    with pytest.raises(BadColumnType, match="several kinds"):
        written(tmp_path, frame, path, Preflight(mixed_types="error"))


def test_repeated_columns_are_numbered_by_choice(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a (2)"])
    written(tmp_path, frame, "auto", Preflight(duplicate_columns="number"))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "Data")
    assert [cell.value for cell in ws[1]] == ["a", "a (3)", "a (2)"]
    with pytest.raises(BadColumnName, match="duplicate_columns='number'"):
        Workbook(Sheet("Data", frame))


def test_sheet_names_are_repaired_by_choice_and_links_follow(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1]})
    names = ["North/South", "north-south", "x" * 40, "x" * 41, "About", "'"]
    workbook = Workbook(*(Sheet(name, frame) for name in names), preflight=Preflight(sheet_names="repair"))
    assert [sheet.name for sheet in workbook.sheets] == [
        "North-South",
        "north-south (2)",
        "x" * 31,
        "x" * 27 + " (2)",
        "About (2)",
        "Sheet",
    ]
    made = write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)
    assert "its name was 'North/South'" in made.notes[0]
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == [sheet.name for sheet in workbook.sheets]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["whole", "stream"])
def test_a_frame_too_long_is_split_over_sheets_by_choice(
    form: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.excel.layout.MAX_ROWS", 8)
    table = pa.table({"a": range(15), "b": [str(number) for number in range(15)]})
    frame = iter(table.to_batches(max_chunksize=4)) if form == "stream" else table
    made = written(tmp_path, frame, path, Preflight(rows="split"), totals={"a": "sum"})
    book = load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert book.sheetnames == ["Data", "Data (2)", "Data (3)", "About"]
    sheets = [sheet_of(book, name) for name in book.sheetnames[:3]]
    assert [list(column_values(ws)) for ws in sheets] == [
        [*range(6), sum(range(6))],
        [*range(6, 12), sum(range(6, 12))],
        [12, 13, 14, 39],
    ]
    assert {ws.freeze_panes for ws in sheets} == {"A2"}
    assert made.rows == {"Data": 15}
    assert made.notes == ("sheet 'Data': its 15 rows were split over 3 sheets",)


def test_several_faults_in_a_column_are_counted_in_the_error(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 10**15, 10**16, 10**17]})
    with pytest.raises(BadCell, match=r"cell A3\).*\(2 more in this column\)"):
        written(tmp_path, frame, "auto", Preflight())


def test_text_that_begins_like_a_formula_can_be_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCell, match="begins like a formula"):
        written(tmp_path, pl.DataFrame({"a": ["x", "=1+1"]}), "auto", Preflight(formula_like="error"))


def test_a_column_of_text_by_choice_has_no_digits_to_lose(tmp_path: Path) -> None:
    written(
        tmp_path, pl.DataFrame({"a": [10**17 + 1]}), "auto", Preflight(), columns={"a": Column(as_text=True)}
    )
    assert values_of(tmp_path) == ["100000000000000001"]


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadPolicy, match=r"digits='keep'.*one of error, text"):
        Preflight(digits="keep")  # type: ignore[arg-type] # the very thing that must fail


def test_the_limit_is_excels_own() -> None:
    assert MAX_ROWS == 1_048_576


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        (10**15 - 1, True),
        (10**15, True),  # one digit, and zeros
        (10**15 + 1, False),
        (1 - 10**15, True),
        (-(10**15) - 1, False),
        (2**64 + 5, False),
        (-(2**64) - 5, False),
        (-1, True),
    ],
)
def test_a_decimal_is_told_by_its_digits_whatever_its_size(number: int, fits: bool, tmp_path: Path) -> None:
    frame = pa.table({"a": pa.array([Decimal(0), Decimal(number)], pa.decimal128(38, 0))})
    made = written(tmp_path, frame, "columnar", Preflight(digits="text"))
    assert values_of(tmp_path) == [0, number if fits else str(number)]
    assert [note.kind for note in made.findings] == ([] if fits else ["digits"])
