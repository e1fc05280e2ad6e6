"""The HTTP status of each error: no other module knows one for an error of ours."""

import logging
import re
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth import Unauthorized
from api.bodies import NotJson
from api.cursors import BadCursor
from api.guards import BodyTooLarge, HostRefused
from api.lookup import PipelineBroken
from api.problems import Fault, problem_response
from api.ranges import RangeNotSatisfiable
from pipelines.backfills.control import BackfillOver, UnknownBackfill
from pipelines.backfills.periods import BadStretch
from pipelines.interval import BadInterval
from pipelines.loading.registry import UnknownPipeline
from pipelines.params import ParamsRefused
from pipelines.runs.events import UnknownRun
from pipelines.runs.file_origins import UnknownFile
from pipelines.runs.idempotency import KeyReused
from pipelines.runs.listing import UnknownReport, UnknownTask
from pipelines.runs.operations import NotPossible
from pipelines.runs.states import IllegalMove
from pipelines.schedules.editing import DeclaredInCode, NotOverridden, ScheduleExists
from pipelines.schedules.pausing import BadPause, NotPaused
from pipelines.schedules.stored import UnknownSchedule
from pipelines.timetables.kinds import BadSchedule
from presstime.artifacts import ArtifactMissing, ArtifactsUnavailable
from presstime.errors import PresstimeError
from reports.reading.errors import NoPreview, UnknownSheet

log = logging.getLogger("presstime.api")

STATUSES: Mapping[type[PresstimeError], int] = {
    HostRefused: 400,
    Unauthorized: 401,
    UnknownBackfill: 404,
    UnknownFile: 404,
    UnknownPipeline: 404,
    UnknownReport: 404,
    UnknownRun: 404,
    UnknownTask: 404,
    UnknownSchedule: 404,
    UnknownSheet: 404,
    BackfillOver: 409,
    IllegalMove: 409,
    DeclaredInCode: 409,
    NotOverridden: 409,
    NotPaused: 409,
    NotPossible: 409,
    PipelineBroken: 409,
    ScheduleExists: 409,
    ArtifactMissing: 410,
    BodyTooLarge: 413,
    NotJson: 415,
    RangeNotSatisfiable: 416,
    BadCursor: 422,
    BadInterval: 422,
    BadPause: 422,
    BadSchedule: 422,
    BadStretch: 422,
    KeyReused: 422,
    NoPreview: 422,
    ParamsRefused: 422,
    ArtifactsUnavailable: 503,
}
RETRY_AFTER = "2"  # seconds; about what a database or a store needs to come back from a restart
AWAY = "The database cannot be used now. Nothing was changed; try again in a moment."
CRASHED = "Something went wrong inside. The log of the server says what; the request may be tried again."


def register(app: FastAPI) -> None:
    """Have the application answer every error with a problem."""
    app.add_exception_handler(PresstimeError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(NoConnectionFree, _database)


def error_response(error: PresstimeError, path: str) -> Response:
    """The answer to an error of ours. One without a status is a fault of this program, not of the request."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), None)
    if status is None:
        log.error("no HTTP status for %s", type(error).__name__, exc_info=error)
        return crash_response(path)
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
    return problem_response(
        status,
        str(error),
        path,
        kind=words.replace(" ", "-"),
        title=words.capitalize(),
        errors=_faults(error),
        headers=_headers(error, status),
    )


def crash_response(path: str) -> Response:
    return problem_response(500, CRASHED, path)


def _faults(error: PresstimeError) -> list[Fault] | None:
    if isinstance(error, ParamsRefused):
        return [
            Fault(location="body", name=f"params.{name}", detail=fault)
            for name, fault in error.faults.items()
        ]
    if isinstance(error, BadInterval):
        return [Fault(location="body", name="interval", detail=str(error))]
    if isinstance(error, BadPause):
        return [Fault(location="body", name="until", detail=str(error))]
    if isinstance(error, BadCursor):
        return [Fault(location="query", name="cursor", detail=str(error))]
    if isinstance(error, KeyReused):
        return [Fault(location="header", name="Idempotency-Key", detail=str(error))]
    return None


def _headers(error: PresstimeError, status: int) -> dict[str, str]:
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": error.challenge}
    if isinstance(error, RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.size}", "Accept-Ranges": "bytes"}
    return {"Retry-After": RETRY_AFTER} if status == 503 else {}


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, PresstimeError):
        raise error
    return error_response(error, request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem_response(error.status_code, str(error.detail), request.url.path, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        where = f"{found[0]['ctx']['error']} at character {found[0]['loc'][1]}"
        return problem_response(
            400, f"The body is not JSON: {where}.", request.url.path, kind="malformed-body"
        )
    faults = [_fault(fault["loc"], fault["msg"]) for fault in found]
    return problem_response(
        422,
        "; ".join(f"{fault.location} {fault.name}: {fault.detail}".strip() for fault in faults),
        request.url.path,
        kind="invalid-request",
        title="Invalid request",
        errors=faults,
    )


def _fault(place: tuple[int | str, ...], message: str) -> Fault:
    location, *names = place
    if location != "body":  # a repeated parameter is one to its sender, not a list
        names = names[:1]
    return Fault(location=str(location), name=".".join(str(name) for name in names), detail=message)


async def _database(request: Request, error: Exception) -> Response:
    away = isinstance(error, OperationalError | InterfaceError | NoConnectionFree)
    damaged = type(error) is DatabaseError  # what SQLite says of a file that is no database
    if not (away or damaged or (isinstance(error, DBAPIError) and error.connection_invalidated)):
        raise error
    log.warning("database: %s", str(getattr(error, "orig", error)).strip().splitlines()[0])
    return problem_response(
        503, AWAY, request.url.path, kind="database-unavailable", headers={"Retry-After": RETRY_AFTER}
    )
