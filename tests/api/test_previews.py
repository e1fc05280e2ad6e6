"""Previews over HTTP: from a folder and from an S3 server, whole, refused, and gone."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jsonschema  # type: ignore[import-untyped] # it ships no types
import pandas as pd
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.services import Services
from presstime.artifacts import Artifacts, file_key
from presstime.models import Report
from presstime.settings import Settings
from reports import Sheet, Workbook
from reports.excel.writer import write_workbook
from tests.support.runs.rows import make_report, make_runs
from tests.support.servers.api import calling, services_in

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def app(settings: Settings, store: Artifacts) -> FastAPI:
    """Once with its files in a folder, once in a bucket."""
    return create_app(settings.model_copy(update={"artifacts_url": store.url}))


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with calling(app) as made:
        yield made


@pytest.fixture
def services(app: FastAPI, client: httpx.Client) -> Services:
    return services_in(app)


def body_of(folder: Path, *sheets: Sheet) -> bytes:
    path = folder / "made.xlsx"
    write_workbook(Workbook(*sheets), path, created=datetime(2013, 2, 1, tzinfo=UTC))
    return path.read_bytes()


Make = Callable[..., Report]


@pytest.fixture
def make(services: Services) -> Make:
    (run_id,) = make_runs(services, "daily-sales", 1)

    def one(body: bytes, filename: str = "Sales.xlsx", format_: str = "xlsx") -> Report:
        return make_report(services, run_id, filename, body, XLSX, format_=format_)

    return one


@pytest.fixture
def workbook(make: Make, tmp_path: Path) -> Report:
    days = pd.DataFrame({"day": [datetime(2013, 1, n + 1, tzinfo=UTC) for n in range(31)], "n": range(31)})
    return make(body_of(tmp_path, Sheet("Days", days), Sheet("Totals", pd.DataFrame({"total": [465.5]}))))


def asked(client: httpx.Client, report: Report, **params: Any) -> httpx.Response:
    return client.get(f"/api/v1/reports/{report.id}/preview", params=params)


def test_the_first_rows_of_a_sheet_are_shown(client: httpx.Client, workbook: Report) -> None:
    answer = asked(client, workbook, rows=2)

    assert answer.status_code == 200
    assert answer.json() == {
        "report_id": str(workbook.id),
        "format": "xlsx",
        "sheets": [
            {"name": "Days", "rows": 32, "hidden": False},
            {"name": "Totals", "rows": 2, "hidden": False},
        ],
        "sheet": "Days",
        "rows": [["day (UTC)", "n"], ["2013-01-01T00:00:00", 0]],
        "more_rows": True,
        "more_columns": False,
        "cut": [],
    }
    assert asked(client, workbook, sheet="Totals").json()["rows"] == [["total"], [465.5]]


def test_an_answer_has_the_form_that_the_document_promises(client: httpx.Client, workbook: Report) -> None:
    document = client.get("/api/v1/openapi.json").json()
    path = document["paths"]["/api/v1/reports/{report_id}/preview"]["get"]
    schema = path["responses"]["200"]["content"]["application/json"]["schema"]

    checker = jsonschema.Draft202012Validator({**schema, "components": document["components"]})

    checker.validate(asked(client, workbook).json())
    assert not checker.is_valid({**asked(client, workbook).json(), "rows": [[{}]]})


def test_an_unknown_sheet_is_not_found_and_the_others_named(client: httpx.Client, workbook: Report) -> None:
    answer = asked(client, workbook, sheet="Total")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:presstime:problem:unknown-sheet"
    assert "'Days', 'Totals'" in answer.json()["detail"]


@pytest.mark.parametrize("params", [{"rows": 0}, {"rows": 1001}, {"row": 5}, {"sheet": "x" * 1001}])
def test_what_cannot_be_asked_is_refused(
    client: httpx.Client, workbook: Report, params: dict[str, Any]
) -> None:
    assert asked(client, workbook, **params).status_code == 422


@pytest.mark.parametrize(
    ("body", "format_", "kind"),
    [
        (b"%PDF", "pdf", "unknown-format"),
        (b"not a workbook", "xlsx", "unreadable"),
        (b'"' + b"x" * 40_000_000, "csv", "too-large"),
    ],
)
def test_a_file_that_cannot_be_shown_says_why(
    client: httpx.Client, make: Make, body: bytes, format_: str, kind: str
) -> None:
    answer = asked(client, make(body, f"a.{format_}", format_))

    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:presstime:problem:{kind}"


def test_a_file_that_was_removed_is_said_to_be_gone(
    client: httpx.Client, services: Services, workbook: Report
) -> None:
    services.runtime.artifacts.delete(file_key(workbook.sha256))

    answer = asked(client, workbook)

    assert answer.status_code == 410
    assert answer.json()["type"] == "urn:presstime:problem:artifact-missing"


def test_an_unknown_report_is_not_found(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/reports/{uuid4()}/preview")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:presstime:problem:unknown-report"


def test_other_formats_are_shown_too(client: httpx.Client, make: Make) -> None:
    body = json.dumps({"north": [{"n": 1}], "south": [{"n": 2}]}).encode()
    report = make(body, "a.json", "json")

    assert asked(client, report, sheet="south").json()["rows"] == [["n"], [2]]
