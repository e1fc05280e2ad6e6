"""The description of the API: valid, complete, and readable without a token."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest
from fastapi.openapi.models import OpenAPI

from api.routes.runs import EVENTS_SHOWN, TASKS_SHOWN

PATHS = {
    "/api/v1/pipelines": {"get": "list_pipelines"},
    "/api/v1/pipelines/{name}": {"get": "show_pipeline"},
    "/api/v1/pipelines/{name}/runs": {"post": "start_run"},
    "/api/v1/runs": {"get": "list_runs"},
    "/api/v1/runs/{run_id}": {"get": "show_run"},
    "/api/v1/runs/{run_id}/events": {"get": "list_events"},
    "/api/v1/reports/{report_id}": {"get": "show_report"},
    "/api/v1/reports/{report_id}/download": {"get": "download_report", "head": "describe_report"},
    "/api/v1/reports/{report_id}/preview": {"get": "preview_report"},
    "/api/v1/files/{sha256}/runs": {"get": "list_origins"},
    "/health/live": {"get": "live"},
    "/health/ready": {"get": "ready"},
}


@pytest.fixture
def document(quiet: httpx.Client) -> dict[str, Any]:
    answer = quiet.get("/api/v1/openapi.json", headers={"Authorization": ""})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_the_document_has_the_form_of_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPI.model_validate(document)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) == schemas


def test_every_route_is_there_under_its_name(document: dict[str, Any]) -> None:
    # Other rooms of this floor add routes of their own.
    named = {
        path: {method: operation["operationId"] for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    assert PATHS.items() <= named.items()
    every = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(every)) == len(every)


def test_every_route_says_what_it_is_for_and_what_may_go_wrong(document: dict[str, Any]) -> None:
    known = {tag["name"] for tag in document["tags"]}
    for path, operation in operations(document):
        assert operation["summary"]
        assert set(operation["tags"]) <= known
        failures = {
            status: response
            for status, response in operation["responses"].items()
            if status == "default" or status >= "400"
        }
        if path.startswith("/api/"):
            assert {"default", "401"} <= set(failures)
            assert operation["security"] == [{"token": []}]
            for response in failures.values():
                assert list(response["content"]) == ["application/problem+json"]


def test_the_token_is_described_but_not_given(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["token"]

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "open-sesame" not in json.dumps(document)


def test_answers_have_the_form_that_the_document_promises(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    started = client.post("/api/v1/pipelines/daily-sales/runs", json={"interval": "2013-01"})
    answers = {
        ("/api/v1/pipelines", "get", "200"): client.get("/api/v1/pipelines"),
        ("/api/v1/pipelines/{name}", "get", "200"): client.get("/api/v1/pipelines/daily-sales"),
        ("/api/v1/pipelines/{name}/runs", "post", "202"): started,
        ("/api/v1/pipelines/{name}/runs", "post", "422"): client.post(
            "/api/v1/pipelines/daily-sales/runs", json={"interval": "soon"}
        ),
        ("/api/v1/runs", "get", "200"): client.get("/api/v1/runs"),
        ("/api/v1/runs/{run_id}", "get", "200"): client.get(started.headers["Location"]),
        ("/api/v1/runs/{run_id}", "get", "422"): client.get("/api/v1/runs/1"),
        ("/api/v1/runs/{run_id}/events", "get", "200"): client.get(started.headers["Location"] + "/events"),
        ("/health/ready", "get", "200"): client.get("/health/ready"),
    }
    for (path, method, status), answer in answers.items():
        assert str(answer.status_code) == status
        promised = document["paths"][path][method]["responses"][status]["content"]
        kind = answer.headers["Content-Type"].partition(";")[0]
        schema = {**promised[kind]["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_limits_are_documented_as_they_are(document: dict[str, Any]) -> None:
    tasks = document["components"]["schemas"]["RunDetail"]["properties"]["tasks"]["description"]
    events = document["paths"]["/api/v1/runs/{run_id}/events"]["get"]["description"]

    assert f"At most {TASKS_SHOWN:,}" in tasks
    assert f"at most {EVENTS_SHOWN:,}" in events


def test_every_answer_to_a_download_is_described(document: dict[str, Any]) -> None:
    path = document["paths"]["/api/v1/reports/{report_id}/download"]
    answers = {method: set(path[method]["responses"]) - {"default"} for method in ("get", "head")}

    assert answers["head"] == {"200", "304", "401", "404", "410", "422"}
    assert answers["get"] == answers["head"] | {"206", "416", "503"}
