"""The first rows of a report, or of a file, on the command line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from pipelines.runs.handback import held_task
from pipelines.runs.records import Document, record_report
from presstime.artifacts import Artifacts
from presstime.models import Report, Run, Task
from reports import Sheet, Workbook
from reports.excel.letters import column_letter
from reports.excel.writer import write_workbook
from tests.support.commands import Command
from tests.support.schedule_book import Book, with_schedule

Make = Callable[..., Report]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Sales 2013-01.xlsx"
    days = pd.DataFrame({"day": ["1st\n\x1b[2J", "2nd"], "n": [1, 2.5], "open": [True, False]})
    other = pd.DataFrame({"n": range(100)})
    sheets = (Sheet("Days", days.replace("\x1b", "", regex=True)), Sheet("Numbers", other))
    write_workbook(Workbook(*sheets), path, created=datetime(2013, 2, 1, tzinfo=UTC))
    return path


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
    made = Book(data_dir, folder)
    made.ring(2)
    return made


@pytest.fixture
def make(book: Book, data_dir: Path, file: Path) -> Make:
    """Reports of the one run."""
    artifacts = Artifacts((data_dir / "artifacts").as_uri())

    def one(filename: str, **manifest: object) -> Report:
        stored = artifacts.put_file(file, "application/zip")
        with book.sessions.begin() as session:
            task = session.scalars(select(Task).order_by(Task.id)).first()
            assert task is not None
            document = Document(stored, filename, filename, "xlsx", manifest=manifest)
            record_report(session, held_task(session, task.id), "one", document)
            session.flush()
            return session.scalars(select(Report).where(Report.filename == filename)).one()

    return one


def test_a_file_is_shown_as_a_sheet_looks(command: Command, file: Path, data_dir: Path) -> None:
    told = command("preview", str(file), "--rows", "2")

    assert [line.split() for line in told.stdout.splitlines()] == [
        ["Sales", "2013-01.xlsx:", "[Days]", "(3", "rows),", "Numbers", "(101", "rows)"],
        ["A", "B", "C"],
        ["1", "day", "n", "open"],
        ["2", "1st↵[2J", "1", "TRUE"],
    ]
    assert told.line == "there are rows below row 2; --rows shows more, up to 1,000"
    assert not data_dir.exists(), "a file on disk needs no database"


def test_what_a_cell_holds_does_not_steer_the_terminal(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\x1b[2J,[red]b\n")

    assert "a\\x1b[2J  [red]b" in command("preview", str(tmp_path / "a.csv")).stdout


def test_a_program_gets_one_document(command: Command, file: Path) -> None:
    told = json.loads(command("preview", str(file), "--sheet", "numbers", "--rows", "2", "--json").stdout)

    assert told == {
        "file": str(file),
        "sheets": [
            {"name": "Days", "rows": 3, "hidden": False},
            {"name": "Numbers", "rows": 101, "hidden": False},
        ],
        "sheet": "Numbers",
        "rows": [["n"], [0]],
        "more_rows": True,
        "more_columns": False,
        "cut": [],
    }


def test_a_report_is_named_by_its_id_or_by_its_run(command: Command, make: Make) -> None:
    report = make("Sales.xlsx")
    (shown,) = json.loads(command("show", str(report.run_id), "--json").stdout)["reports"]

    for name in (shown["id"], report.id.hex[:24], str(report.run_id)):
        told = json.loads(command("preview", name, "--json").stdout)
        assert told["report_id"] == str(report.id)
        assert told["rows"][0] == ["day", "n", "open"]
    assert command("preview", str(report.id)).stdout.startswith("Sales.xlsx: [Days]")


def test_a_run_is_shown_with_what_changed_in_its_reports(command: Command, make: Make) -> None:
    changes = {"sentence": "3 rows added, largest: [GA] +4", "changed": True}
    report = make("Sales.xlsx", changes=changes)

    assert "\n        3 rows added, largest: [GA] +4\n" in command("show", str(report.run_id)).stdout
    (shown,) = json.loads(command("show", str(report.run_id), "--json").stdout)["reports"]
    assert shown["changes"] == changes


def test_of_several_reports_one_has_to_be_named(command: Command, make: Make) -> None:
    first, second = make("A.xlsx"), make("B.xlsx")

    refused = command("preview", str(first.run_id))

    assert refused.code == 2
    assert f"has 2 reports: {first.id} (A.xlsx), {second.id} (B.xlsx); name one by its id" in refused.line
    assert command("preview", str(second.id)).code == 0


def test_a_beginning_that_runs_and_reports_share_is_refused(command: Command, make: Make, book: Book) -> None:
    report = make("A.xlsx")
    book.ring(3)
    with book.sessions() as session:
        other = session.scalars(select(Run.id).where(Run.id != report.run_id)).one()
    shared = next(
        report.run_id.hex[:length]
        for length in range(12, 0, -1)
        if other.hex.startswith(report.run_id.hex[:length])
    )

    assert "several runs or reports" in command("preview", shared).line


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing.xlsx", "no file, run or report nothing.xlsx"), ("0195", "no file, run or report 0195")],
)
def test_what_is_not_there_is_said_in_one_line(command: Command, name: str, said: str) -> None:
    refused = command("preview", name)

    assert (refused.code, refused.stdout) == (2, "")
    assert said in refused.line


def test_what_cannot_be_shown_is_said_in_one_line(command: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")

    assert "no preview of format 'pdf'" in command("preview", str(tmp_path / "a.pdf")).line
    assert "The sheets are 'Days', 'Numbers'" in command("preview", str(file), "--sheet", "x").line


def test_what_is_left_out_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(["x" * 3000, *map(str, range(250))]))
    (tmp_path / "b.csv").write_text("")

    told = command("preview", str(tmp_path / "a.csv")).stderr.splitlines()

    assert told == ["columns behind GR are left out", "1 long texts are cut, the first in A1"]
    assert command("preview", str(tmp_path / "b.csv")).line == "the sheet is empty"


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA"), (16384, "XFD")]
)
def test_columns_are_named_as_on_a_sheet(number: int, letters: str) -> None:
    assert column_letter(number) == letters
