"""A report of a run in several formats, each a file of its own."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Pipeline
from pipelines.execution.documents import build_documents
from pipelines.graph import Node
from pipelines.loading.load import load_pipeline
from pipelines.runs.complete import Result, succeed
from pipelines.runs.handback import lose
from pipelines.testing import RunFailed, run_in_process
from presstime.artifacts import Artifacts
from presstime.models import File, Report
from reports import Changes, CsvDialect, Formula, Sheet, Workbook
from reports.file_formats import Format
from tests.support.runs.declared import faults
from tests.support.runs.graphs import OTHER, claimed, expire, run_of, submitted, tasks_of

AS_OF = datetime(2026, 11, 2, 9, tzinfo=UTC)
MOMENT = pd.Timestamp("2026-11-01 12:00", tz="UTC")


def sales(*formats: Format, sheets: int = 1) -> Pipeline:
    p = Pipeline("sales", title="Sales", timezone="Europe/Lisbon")

    @p.report(formats=formats)
    def book() -> Workbook:
        frame = pd.DataFrame({"at": [MOMENT], "amount": [1.5]})
        return Workbook(*(Sheet(f"S{place}", frame) for place in range(sheets)))

    return p


def test_each_format_is_a_file_of_the_run(tmp_path: Path) -> None:
    with run_in_process(sales("xlsx", CsvDialect(";"), "parquet", "json"), as_of=AS_OF) as run:
        assert sorted(run.reports) == ["Sales.csv", "Sales.json", "Sales.parquet", "Sales.xlsx"]
        assert openpyxl.load_workbook(run.reports["Sales.xlsx"]).sheetnames == ["S0", "About"]
        rows = list(csv.reader(run.reports["Sales.csv"].read_text().splitlines(), delimiter=";"))
        assert rows == [["at (Europe/Lisbon)", "amount"], ["2026-11-01 12:00:00", "1.5"]]
        assert pq.read_table(run.reports["Sales.parquet"]).column_names == ["at", "amount"]
        told = json.loads(run.reports["Sales.json"].read_text())
        assert told["about"]["pipeline"] == "sales"
        assert told["created"] == "2026-11-02T09:00:00+00:00"


def test_several_sheets_are_an_archive_that_says_so_by_its_name() -> None:
    with run_in_process(sales("csv", "parquet", sheets=2), as_of=AS_OF) as run:
        assert sorted(run.reports) == ["Sales.csv.zip", "Sales.parquet.zip"]


def test_what_every_format_notes_is_noted_once_for_the_run(
    sessions: sessionmaker[Session], artifacts: Artifacts
) -> None:
    run_id = submitted(sessions, Node("book", "report"), name="sales")
    attempt = claimed(sessions, tasks_of(sessions, run_id, "book")[0])
    assert attempt is not None
    mixed = pd.DataFrame({"m": pd.Series([Formula("1+1", 2), "a"], dtype=object)})
    book = Workbook(Sheet("S", mixed, totals={"m": "count"}))

    documents = build_documents(book, attempt, load_pipeline(sales("csv", "json")), artifacts)
    with sessions.begin() as session:
        assert succeed(session, attempt, Result(documents=documents))

    assert run_of(sessions, run_id).notes == [
        "sheet 'S': left out of the .csv file, which holds tables only: 1 total",
        "sheet 'S', column 'm': formulas, now the values that were given with them: 1",
    ]
    with sessions() as session:
        rows = session.execute(
            select(Report.name, Report.format, Report.version, File.media_type)
            .join(File, File.sha256 == Report.sha256)
            .order_by(Report.format)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("Sales", "csv", 1, "text/csv"),
        ("Sales", "json", 1, "application/json"),
    ]


def test_the_manifest_says_what_changed_since_last_time(
    sessions: sessionmaker[Session], artifacts: Artifacts
) -> None:
    run_id = submitted(sessions, Node("book", "report"), name="sales")
    attempt = claimed(sessions, tasks_of(sessions, run_id, "book")[0])
    assert attempt is not None
    now, before = pd.DataFrame({"k": ["a", "b"], "n": [1, 2]}), pd.DataFrame({"k": ["a"], "n": [3]})
    book = Workbook(Sheet("S", now, changes=Changes(before, key="k")))

    excel, parquet = build_documents(book, attempt, load_pipeline(sales("xlsx", "parquet")), artifacts)

    assert excel.manifest["changes"] == {
        "sentence": "1 row added, 1 changed, largest: a -2",
        "changed": True,
        "tables": [
            {
                "sheet": "S",
                "sentence": "1 row added, 1 changed, largest: a -2",
                "compared": True,
                "same": False,
                "rows": {"added": 1, "removed": 0, "changed": 1, "unchanged": 0},
                "cells": {"n": 1},
                "columns": {"added": [], "removed": []},
            }
        ],
    }
    assert "changes" not in parquet.manifest
    assert parquet.notes == (
        "sheet 'S': left out of the .parquet file, which holds tables only: 1 comparison",
    )


def test_a_report_without_formats_is_a_workbook() -> None:
    p = Pipeline("plain")

    @p.report
    def book() -> Workbook:
        return Workbook(Sheet("S", pd.DataFrame({"a": [1]})))

    with run_in_process(p, as_of=AS_OF) as run:
        assert list(run.reports) == ["Plain.xlsx"]


def test_a_stream_in_two_formats_fails_with_a_line_that_says_why() -> None:
    p = Pipeline("streamed")

    @p.report(formats=("xlsx", "csv"))
    def book() -> Workbook:
        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.record_batch({"a": [1]})

        return Workbook(Sheet("S", batches()))

    with pytest.raises(RunFailed, match="its frame is a stream, which can be read once"), run_in_process(p):
        pass


@pytest.mark.parametrize(
    ("formats", "fault"),
    [
        (("cvs",), "formats= has 'cvs', did you mean 'csv'?"),
        (("docx-ish",), "formats= has 'docx-ish'; known are xlsx, csv, parquet, json, html, pdf"),
        (("csv", CsvDialect(";")), "formats= has 'csv' twice"),
        ((), "formats= is empty, so the report would be no file"),
        ("csv", 'formats=\'csv\' is not a list of formats, such as ("xlsx", "csv")'),
    ],
)
def test_a_mistake_in_formats_is_said_at_load(formats: tuple[Format, ...], fault: str) -> None:
    p = Pipeline("sales")

    @p.report(formats=formats)
    def book() -> Workbook:
        raise NotImplementedError

    assert faults(p) == [f"step 'book': {fault}"]


def test_a_format_whose_library_is_missing_is_said_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.extras.find_spec", lambda _: None)
    p = Pipeline("sales")

    @p.report(formats=("html", "pdf"))
    def book() -> Workbook:
        raise NotImplementedError

    assert faults(p) == [
        "step 'book': formats= has 'pdf': PDF needs a library that is not installed; "
        "install it with: pip install 'presstime[pdf]'"
    ]


def test_a_manifest_says_how_a_file_was_made_and_what_was_found(
    sessions: sessionmaker[Session], artifacts: Artifacts
) -> None:
    run_id = submitted(sessions, Node("book", "report"), name="sales")
    attempt = claimed(sessions, tasks_of(sessions, run_id, "book")[0])
    assert attempt is not None
    book = Workbook(Sheet("S", pa.table({"n": [1.5, float("nan")]})))

    (document,) = build_documents(book, attempt, load_pipeline(sales("xlsx")), artifacts)

    told = document.manifest
    assert (told["attempt"], told["rows"], told["task"]) == (1, {"S": 2}, str(attempt.task_id))
    (finding,) = told["findings"]
    assert (finding["kind"], finding["sheet"], finding["column"], finding["cell"]) == ("nan", "S", "n", "A3")
    assert told["libraries"]["polars"]
    assert document.notes == ("sheet 'S', column 'n': NaN, now blank cells: 1 (first in A3)",)


def test_a_step_done_again_by_another_worker_gives_the_same_file(
    sessions: sessionmaker[Session], artifacts: Artifacts
) -> None:
    run_id = submitted(sessions, Node("book", "report"), name="sales")
    (task,) = tasks_of(sessions, run_id, "book")
    first = claimed(sessions, task)
    assert first is not None
    expire(sessions, task)
    with sessions.begin() as session:
        assert lose(session, first, losses=0)
    second = claimed(sessions, task, OTHER)
    assert second is not None

    before, after = (
        build_documents(
            Workbook(Sheet("S", pa.table({"n": [1.5, 2.5]}), totals={"n": "sum"})),
            attempt,
            load_pipeline(sales("xlsx", "csv", "parquet", "json")),
            artifacts,
        )
        for attempt in (first, second)
    )

    assert [document.manifest["attempt"] for document in after] == [2] * 4
    assert [document.content_sha256 for document in after] == [d.content_sha256 for d in before]
    assert [document.file for document in after] == [document.file for document in before]
