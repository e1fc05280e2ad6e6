"""Accepts a run that a request asks for, once, however often the request is sent. Knows not what it runs."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Response
from sqlalchemy.orm import Session

from api.paths import run_path
from api.schemas.runs import RunOut
from api.services import Services
from pipelines.runs.idempotency import submit_once
from presstime.models import Run

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="Any text of your own. The same key with the same request gives the same run, "
        "however often it is sent; with another request it is refused.",
    ),
]


def accept(
    services: Services,
    response: Response,
    make: Callable[[Session], Run],
    *,
    key: str | None,
    request_sha256: str,
) -> RunOut:
    """The run that `make` submits, or the one that this key made before; the response says where it is."""
    with services.writing() as session:
        made = (
            make(session) if key is None else submit_once(session, key, request_sha256, lambda: make(session))
        )
        accepted = RunOut.of(made)
    response.headers["Location"] = run_path(accepted.id)
    return accepted
