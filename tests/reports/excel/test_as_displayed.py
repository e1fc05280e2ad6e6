"""A cell, a note, a page, and the labels of groups and charts say the same of a value under its format."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from reports import Changes, Column, ColumnChart, Figure, Figures, Sheet, Table, Workbook
from reports.excel.writer import write_workbook
from reports.number_formats.formats import Kind
from reports.pictures.data import plot_of
from reports.pictures.table import DrawnColumn, DrawnTable
from reports.preflight import Findings
from reports.views.book import ShownBook, ShownFigures, ShownRows
from reports.views.build import shown_book
from tests.support.workbooks.format_pairs import OTHERWISE, PAIRS, Value
from tests.support.workbooks.libreoffice import opened_and_saved, texts_of

CREATED = datetime(2026, 11, 2, tzinfo=UTC)
EXPECTED = [text for *_, text in PAIRS]
NAMES = [f"c{number}" for number in range(len(PAIRS))]
COLUMNS = {name: Column(format=code) for name, (_, code, _) in zip(NAMES, PAIRS, strict=True)}
OTHER: dict[type, Any] = {
    bool: lambda value: not value,
    str: lambda value: f"{value}!",
    time: lambda value: time(value.hour, value.minute, (value.second + 30) % 60),
    date: lambda value: value + timedelta(days=1),
    datetime: lambda value: value + timedelta(days=1),
    timedelta: lambda value: value + timedelta(days=1),
}


def values() -> pl.DataFrame:
    """One row, a column for each pair."""
    return pl.DataFrame({name: [value] for name, (value, *_) in zip(NAMES, PAIRS, strict=True)})


def others() -> pl.DataFrame:
    """The same with another value in each cell."""
    changed = [OTHER.get(type(value), lambda one: 5 * one + 3)(value) for value, *_ in PAIRS]
    return pl.DataFrame({name: [value] for name, value in zip(NAMES, changed, strict=True)})


def keyed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(key=pl.lit("k"))


@cache
def workbook() -> Workbook:
    tables = [
        Table(
            pl.DataFrame({"key": [value], "n": [1]}),
            columns={"key": Column(format=code)},
            group_by="key",
            totals={"n": "sum"},
        )
        for value, code, _ in PAIRS
    ]
    figures = {name: Figure(value, format=code) for name, (value, code, _) in zip(NAMES, PAIRS, strict=True)}
    return Workbook(
        Sheet("Cells", values(), columns=COLUMNS),
        Sheet("Changed", keyed(others()), columns=COLUMNS, changes=Changes(keyed(values()), key="key")),
        Sheet("Groups", *tables),
        Sheet("Figures", Figures(figures)),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("displayed") / "pairs.xlsx"
    write_workbook(workbook(), path, created=CREATED)
    return path


@pytest.fixture(scope="module")
def page() -> ShownBook:
    return shown_book(workbook(), Findings(), None, 10)


def rows_of(page: ShownBook, sheet: str) -> list[ShownRows]:
    parts = next(one.parts for one in page.sheets if one.name == sheet)
    return [part for part in parts if isinstance(part, ShownRows)]


def label(text: str) -> str:
    return f"Total {text if text.strip() else '(blank)'}"


def test_a_cell_of_a_page_is_shown_as_excel_shows_it(page: ShownBook) -> None:
    (part,) = rows_of(page, "Cells")
    assert [cell.text for cell in part.table.rows[0]] == EXPECTED


def test_notes_and_pages_say_alike_what_a_cell_was(path: Path, page: ShownBook) -> None:
    said = [f"was {text.strip() or 'blank'}" for text in EXPECTED]
    sheet = openpyxl.load_workbook(path)["Changed"]
    row = next(row for row in sheet.iter_rows() if any(cell.comment for cell in row))
    assert [cell.comment.text if cell.comment else None for cell in row[: len(PAIRS)]] == said
    (part,) = rows_of(page, "Changed")
    assert [cell.change.was if cell.change else None for cell in part.table.rows[0][: len(PAIRS)]] == said


def test_a_group_is_labelled_as_its_cells_are_shown(path: Path, page: ShownBook) -> None:
    labels = [label(text) for text in EXPECTED]
    column = next(openpyxl.load_workbook(path)["Groups"].iter_cols(max_col=1, values_only=True))
    totals = [text for text in column if isinstance(text, str) and text.startswith("Total ")]
    assert totals == labels
    assert [part.table.groups[0].texts[0] for part in rows_of(page, "Groups")] == labels


def test_a_key_figure_of_a_page_is_shown_as_excel_shows_it(page: ShownBook) -> None:
    (part,) = [part for part in page.sheets[-1].parts if isinstance(part, ShownFigures)]
    assert [text for _, text in part.figures] == EXPECTED


@pytest.mark.parametrize(("value", "code", "text"), PAIRS)
def test_a_chart_labels_its_categories_as_excel_shows_them(value: Value, code: str, text: str) -> None:
    along = DrawnColumn("k", Kind.TEXT, code, [value])
    numbers = DrawnColumn("n", Kind.INTEGER, "0", [1])
    plot = plot_of(ColumnChart("k", "n"), DrawnTable({"k": along, "n": numbers}, 1))
    assert plot.labels == [" ".join(text.split())]


def test_libreoffice_shows_the_same_but_for_what_is_listed(path: Path) -> None:
    (saved,) = opened_and_saved([path], path.parent)
    sheets = texts_of(saved)
    expected = [OTHERWISE.get((value, code), (text,))[0] for value, code, text in PAIRS]
    found = sheets["Cells"][1] + [""] * len(
        PAIRS
    )  # blank cells at the end of a row are not written one by one
    assert dict(zip(NAMES, found[: len(PAIRS)], strict=True)) == dict(zip(NAMES, expected, strict=True))
    assert [row[1] if len(row) > 1 else "" for row in sheets["Figures"] if row[0] in NAMES] == expected
    assert all(why for _, why in OTHERWISE.values())
    assert {(value, code) for value, code, _ in PAIRS} >= OTHERWISE.keys()
