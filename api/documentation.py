"""The parts of OpenAPI beside the types: tags, and the problems that a route may answer with."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE, Problem

TAGS = [
    {"name": "pipelines", "description": "What can be run, and starting it."},
    {"name": "schedules", "description": "When runs start, and why they did or did not."},
    {"name": "backfills", "description": "Runs of past periods, a few at a time."},
    {"name": "runs", "description": "What was run, and how it went."},
    {"name": "reports", "description": "What runs hand to people."},
    {"name": "files", "description": "Bytes by their sha256, and the runs that they came from."},
    {"name": "health", "description": "For orchestrators; needs no token."},
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: these statuses, and any other error, with a problem."""
    named: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in sorted(statuses)
    }
    return named | {"default": {"model": Problem, "description": "Any other error"}}


REFUSALS = problems(400, 401, 404, 409, 413, 415, 422, 503)  # of a route that changes something


def operation_id(route: APIRoute) -> str:
    """The function's name, which generators of clients make a method of."""
    return route.name


class Api(FastAPI):
    """FastAPI, but a problem is described under its own media type."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            for path in super().openapi()["paths"].values():
                for operation in path.values():
                    _retype(operation["responses"])
        return super().openapi()


def _retype(responses: dict[str, Any]) -> None:
    for response in responses.values():
        content = response.get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/Problem"):
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
