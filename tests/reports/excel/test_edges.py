"""Values at the edges are the same in three readers, whichever way their rows were written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from math import copysign, isinf
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from reports.excel.writer import write_workbook
from reports.written import Written
from tests.support.workbooks import edge_values, libreoffice
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.edge_values import MIXED, NEW_YORK, SHOWN_OTHERWISE, VALUES, Reader
from tests.support.workbooks.everything import everything
from tests.support.workbooks.raw import raw_cells
from tests.support.workbooks.reading import CREATED

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "workbooks.md"
ROW_PATHS: tuple[Any, ...] = ("columnar", "openpyxl")
KINDS = (*VALUES, MIXED)
LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, 999_000)  # noqa: DTZ001 # what is later is written so
DIGITS = 15  # of a number in the files that LibreOffice saves
STEPS = {  # what each reader rounds moments to, and durations
    "openpyxl": (timedelta(milliseconds=1), timedelta(milliseconds=1)),
    "python-calamine": (timedelta(milliseconds=1), timedelta(milliseconds=1)),
    "LibreOffice": (timedelta(milliseconds=10), timedelta(microseconds=1)),
}
OTHERWISE = {(row.reader, type(row.given), row.given): row.shown for row in SHOWN_OTHERWISE}


@dataclass(frozen=True)
class Files:
    """The same workbook by each row path, and how LibreOffice saved it."""

    folder: Path
    written: dict[str, Written]

    def path(self, row_path: str) -> Path:
        return self.folder / f"{row_path}.xlsx"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("edges")
    files = Files(folder, {})
    for row_path in ROW_PATHS:
        files.written[row_path] = write_workbook(
            edge_values.workbook(), files.path(row_path), created=CREATED, row_path=row_path
        )
    return files


@pytest.fixture(scope="module")
def saved(files: Files) -> Files:
    write_workbook(everything(), files.path("everything"), about=ABOUT, created=CREATED)
    names = (*ROW_PATHS, "everything")
    libreoffice.opened_and_saved([files.path(name) for name in names], files.folder)
    return files


def by_openpyxl(path: Path) -> dict[str, list[Any]]:
    columns = {
        ws.title: [row[0] for row in ws.iter_rows(values_only=True)] for ws in load_workbook(path).worksheets
    }
    return {
        name: [unescape(value) if isinstance(value, str) else value for value in values]
        for name, values in columns.items()
    }


def by_calamine(path: Path) -> dict[str, list[Any]]:
    book = CalamineWorkbook.from_path(path)
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {name: [row[0] if row[0] != "" else None for row in found] for name, found in rows.items()}


def by_libreoffice(path: Path) -> dict[str, list[Any]]:
    return libreoffice.columns_of(path.with_suffix(".fods"))


READERS: dict[Reader, Callable[[Path], dict[str, list[Any]]]] = {
    "openpyxl": by_openpyxl,
    "python-calamine": by_calamine,
    "LibreOffice": by_libreoffice,
}


def test_a_workbook_with_everything_is_the_same_twice_and_opens_in_libreoffice(saved: Files) -> None:
    path = saved.path("everything")
    again = write_workbook(everything(), saved.path("again"), about=ABOUT, created=CREATED)
    assert again.sha256 == sha256(path.read_bytes()).hexdigest()
    assert libreoffice.columns_of(path.with_suffix(".fods")).keys() >= set(load_workbook(path).sheetnames)
    assert libreoffice.charts_in(path.with_suffix(".fods")) == libreoffice.charts_in_package(path) > 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row_path", ROW_PATHS)
@pytest.mark.parametrize("reader", READERS)
def test_a_value_is_shown_as_it_was_given(
    reader: Reader, row_path: str, kind: str, request: pytest.FixtureRequest
) -> None:
    files: Files = request.getfixturevalue("saved" if reader == "LibreOffice" else "files")
    given = edge_values.given(kind)
    shown = READERS[reader](files.path(row_path))[kind][1:]
    shown += [None] * (len(given) - len(shown))  # a reader may leave out blanks at the end
    wrong = [
        (value, found)
        for value, found in zip(given, shown, strict=False)
        if exactly(as_moment(found)) != exactly(expected(reader, value))
    ]
    assert wrong == []
    assert set(shown[len(given) :]) <= {None}


@pytest.mark.parametrize("sheet", range(1, len(KINDS) + 1), ids=KINDS)
def test_both_ways_of_writing_rows_write_the_same_cells(sheet: int, files: Files) -> None:
    columnar, by_cell = (raw_cells(files.path(row_path), sheet) for row_path in ROW_PATHS)
    assert [key(cell) for cell in columnar] == [key(cell) for cell in by_cell]
    for cell in (*columnar, *by_cell):
        assert cell.keeps or cell.text == cell.text.strip(" \t\r\n")


def test_the_content_is_the_same_whichever_way_rows_are_written(files: Files) -> None:
    assert len({written.content_sha256 for written in files.written.values()}) == 1


def test_the_documentation_lists_every_value_that_a_reader_shows_otherwise() -> None:
    assert edge_values.documented() in DOCUMENTATION.read_text()


def key(cell: Any) -> tuple[Any, ...]:
    return cell.r, cell.t, cell.text, cell.look


def exactly(value: Any) -> Any:
    """Equal for equal values of one type only: True is no 1, and -0.0 no 0.0. A file's numbers have one type."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return "number", float(value), copysign(1, value)
    return type(value), value


def expected(reader: Reader, value: Any) -> Any:
    if (reader, type(value), value) in OTHERWISE:
        return OTHERWISE[reader, type(value), value]
    moments, durations = STEPS[reader]
    if isinstance(value, datetime):
        wall = value.astimezone(NEW_YORK).replace(tzinfo=None) if value.tzinfo else min(value, LAST_MOMENT)
        midnight = datetime.combine(wall.date(), time())
        return midnight + rounded(wall - midnight, moments)
    if isinstance(value, time) and reader == "LibreOffice":
        return timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
    if isinstance(value, timedelta):
        return rounded(value, durations)
    if isinstance(value, Decimal | float):
        return in_digits(float(value)) if reader == "LibreOffice" else float(value)
    return as_moment(value)


def rounded(value: timedelta, step: timedelta) -> timedelta:
    return round(value / step) * step


def in_digits(number: float) -> float:
    shorter = float(f"{number:.{DIGITS}g}")
    return number if isinf(shorter) else shorter


def as_moment(value: Any) -> Any:
    """A day as its midnight: a file does not tell them apart."""
    return datetime.combine(value, time()) if type(value) is date else value
