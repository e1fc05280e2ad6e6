"""Health, for orchestrators: outside the API proper, and without a token."""

from fastapi import APIRouter, Response, status
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from api.schemas.health import HeartbeatOut, Live, PartOut, Ready
from api.services import Provided, Services
from scheduler.heartbeats import newest_heartbeats

router = APIRouter(prefix="/health", tags=["health"])

HEARTBEATS_SHOWN = 20


@router.get("/live", summary="Does the process answer?")
async def live() -> Live:
    """200 as long as the process serves requests, whatever it depends on."""
    return Live(status="live")


@router.get(
    "/ready", responses={503: {"model": Ready, "description": "A part is not ready"}}, summary="Can it serve?"
)
async def ready(response: Response, services: Provided) -> Ready:
    """Whether the database has the right tables, the broker answers, and the artifact store takes and gives.

    Answers within about three seconds, even when a part hangs.
    """
    outcomes = await services.readiness.outcomes()
    whole = all(outcome.ready for outcome in outcomes.values())
    if not whole:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    beats = await run_in_threadpool(_heartbeats, services) if outcomes["database"].ready else []
    return Ready(
        status="ready" if whole else "unready",
        parts={name: PartOut(ready=part.ready, reason=part.reason) for name, part in outcomes.items()},
        heartbeats=beats,
    )


def _heartbeats(services: Services) -> list[HeartbeatOut]:
    try:
        with services.reading() as session:
            return [HeartbeatOut.of(row) for row in newest_heartbeats(session, HEARTBEATS_SHOWN)]
    except DBAPIError:  # it went away just now; the next probe says so
        return []
