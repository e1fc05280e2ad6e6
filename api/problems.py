"""The form of every error that leaves: problem+json (RFC 9457). Knows no error class."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One part of a request that cannot be used."""

    location: str = Field(description="`body`, `query`, `path` or `header`.", examples=["body"])
    name: str = Field(
        description="The member or parameter, nested ones joined by dots.", examples=["params.day"]
    )
    detail: str = Field(examples=["is missing"])


class Problem(BaseModel):
    """Why a request was not served (RFC 9457)."""

    type: str = Field(
        description="A URI that names the kind of problem; `about:blank` when the status says it all.",
        examples=["urn:presstime:problem:unknown-run"],
    )
    title: str = Field(description="The kind of problem in words.", examples=["Unknown run"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong this time, and what to do.")
    instance: str = Field(description="The path of the request.", examples=["/api/v1/runs/1"])
    errors: list[Fault] | None = Field(default=None, description="The parts of the request that are wrong.")


def problem_response(
    status: int,
    detail: str,
    instance: str,
    *,
    kind: str | None = None,
    title: str | None = None,
    errors: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """`kind` is the last word of the type's URI."""
    problem = Problem(
        type=f"urn:presstime:problem:{kind}" if kind else "about:blank",
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        errors=list(errors) if errors is not None else None,
    )
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)
