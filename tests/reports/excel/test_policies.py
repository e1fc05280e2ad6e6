"""What a policy of Preflight makes of a value, whichever way rows are written; its neighbours stay as they are."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Preflight, Sheet, Workbook
from reports.excel.writer import write_workbook
from reports.frames import Frame
from reports.written import Written
from tests.support.workbooks.raw import raw_cells
from tests.support.workbooks.reading import CREATED

ROW_PATHS: tuple[Any, ...] = ("columnar", "openpyxl")
NAN, INFINITY = float("nan"), float("inf")
REPAIRS: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "NaN is a blank": ({}, [1.5, NAN, None], ["1.5", "", ""]),
    "NaN as text": ({"nan": "text"}, [1.5, NAN, None], ["1.5", "NaN", ""]),
    "infinity as text": ({"infinity": "text"}, [1.5, -INFINITY, None], ["1.5", "-inf", ""]),
    "infinity as a blank": ({"infinity": "blank"}, [1.5, INFINITY, None], ["1.5", "", ""]),
    "long numbers": ({"digits": "text"}, [1, 10**17 + 1, None], ["1", "100000000000000001", ""]),
    "early dates": ({"early_dates": "text"}, [date(2000, 1, 1), date(1850, 1, 2)], ["36526", "1850-01-02"]),
    "durations": ({"negative_durations": "text"}, [timedelta(1), timedelta(-1)], ["1.0", "-1 day, 0:00:00"]),
    "control characters": ({"control_characters": "spell_out"}, ["a", "\x1b<"], ["a", "\\x1b<"]),
    "no control characters": ({"control_characters": "remove"}, ["a", "_\x1bx0041_"], ["a", "_x005F_x0041_"]),
    "lists": ({"nested": "json"}, [[1, 2], None], ["[1, 2]", ""]),
}


def write(path: Path, frame: Frame, row_path: Any, **policies: Any) -> Written:
    workbook = Workbook(Sheet("Data", frame), preflight=Preflight(**policies))
    return write_workbook(workbook, path, created=CREATED, row_path=row_path)


@pytest.mark.parametrize("library", ["arrow", "objects"])
@pytest.mark.parametrize("name", REPAIRS)
def test_repaired_cells_and_blanks_look_the_same_in_both_ways_of_writing_rows(
    name: str, library: str, tmp_path: Path
) -> None:
    policies, values, _ = REPAIRS[name]
    for row_path in ROW_PATHS:
        write(tmp_path / f"{row_path}.xlsx", frame_of(library, values), row_path, **policies)
    columnar, by_cell = (raw_cells(tmp_path / f"{row_path}.xlsx", 1) for row_path in ROW_PATHS)
    assert [(c.r, c.t, c.text, c.look) for c in columnar] == [(c.r, c.t, c.text, c.look) for c in by_cell]


def test_a_blank_looks_like_the_numbers_around_it_and_not_like_the_text_of_a_repair(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", pa.table({"a": [1, 10**17, None]}), "openpyxl", digits="text")
    _, number, repaired, blank = raw_cells(tmp_path / "a.xlsx", 1)
    assert blank.look == number.look != repaired.look


def test_decimals_whose_exponents_lie_far_apart_are_numbers(tmp_path: Path) -> None:
    given = [Decimal("1E+300"), Decimal("-1E-300"), None, Decimal("sNaN")]
    for row_path in ROW_PATHS:
        write(tmp_path / "a.xlsx", frame_of("objects", given), row_path)
        texts = [cell.text for cell in raw_cells(tmp_path / "a.xlsx", 1)][1:]
        assert [Decimal(text) if text else None for text in texts] == [*given[:3], None]


@pytest.mark.parametrize("scale", [-2, 0, 2])
def test_decimals_of_any_scale_are_numbers(scale: int, tmp_path: Path) -> None:
    frame = pa.table({"a": pa.array([Decimal(12_300), None], pa.decimal128(9, scale))})
    write(tmp_path / "a.xlsx", frame, "columnar")
    _, number, blank = raw_cells(tmp_path / "a.xlsx", 1)
    assert (float(number.text), blank.text) == (12_300, "")


@pytest.mark.parametrize("kind", [pl.Int128, pl.UInt128])
def test_integers_of_128_bits_are_numbers(kind: Any, tmp_path: Path) -> None:
    write(
        tmp_path / "a.xlsx", pl.DataFrame({"a": pl.Series([999_999_999_999_999, None], dtype=kind)}), "auto"
    )
    assert [cell.text for cell in raw_cells(tmp_path / "a.xlsx", 1)][1:] == ["999999999999999", ""]


@pytest.mark.parametrize("row_path", ROW_PATHS)
def test_bytes_behind_a_null_are_no_text(row_path: str, tmp_path: Path) -> None:
    offsets, data, validity = pa.array([0, 1, 6, 7], pa.int32()), b"abe\x07llc", b"\x05"
    texts = pa.StringArray.from_buffers(3, offsets.buffers()[1], pa.py_buffer(data), pa.py_buffer(validity))
    write(tmp_path / "a.xlsx", pa.table({"a": pa.concat_arrays([texts, pa.array([""])])}), row_path)
    cells = raw_cells(tmp_path / "a.xlsx", 1)[1:]
    assert [(cell.t, cell.text) for cell in cells] == [
        ("inlineStr", "a"),
        (None, ""),
        ("inlineStr", "c"),
        (None, ""),
    ]


def frame_of(library: str, values: list[Any]) -> Frame:
    return (
        pa.table({"a": values})
        if library == "arrow"
        else pd.DataFrame({"a": pd.Series(values, dtype=object)})
    )
