"""The operations on a run: cancel it, go on with it, run it anew; and one task of it, with its traces."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from sqlalchemy.orm import Session

from api.bodies import BODILESS
from api.documentation import REFUSALS, problems
from api.idempotency import Key, accept
from api.lookup import runnable
from api.schemas.requests import digest_of
from api.schemas.runs import RunOut, TaskDetail
from api.services import Provided, Services
from pipelines.runs import repeating
from pipelines.runs.listing import failed_attempts, find_task
from pipelines.runs.operations import Again, cancel, rerun
from presstime.clock import utc_now
from presstime.models import Run

router = APIRouter(prefix="/runs/{run_id}", tags=["runs"])


@router.post("/cancel", responses=REFUSALS, dependencies=BODILESS, summary="Cancel a run")
def cancel_run(run_id: UUID, request: Request, services: Provided) -> RunOut:
    """End a run that is not over. Steps at work are told to stop within seconds; their results are dropped."""
    with services.writing() as session:
        return RunOut.of(cancel(session, run_id, request.state.actor))


@router.post(
    "/retry",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=BODILESS,
    summary="Retry a run",
)
def retry_run(run_id: UUID, request: Request, services: Provided) -> RunOut:
    """Go on with a failed or cancelled run, by the code as it is now. What has succeeded is kept."""
    with services.reading() as session:
        again = _again(session, services, run_id, request.state.actor)
    with services.writing() as session:
        return RunOut.of(repeating.retry_run(session, run_id, None, again, services.runtime.items))


@router.post(
    "/rerun",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=BODILESS,
    summary="Run anew",
)
def rerun_run(
    *, run_id: UUID, request: Request, response: Response, services: Provided, key: Key = None
) -> RunOut:
    """Queue a new run with the parameters and the interval of this one, by the code as it is now."""

    def make(session: Session) -> Run:
        again = _again(session, services, run_id, request.state.actor)
        return rerun(session, run_id, again, services.runtime.items)

    return accept(services, response, make, key=key, request_sha256=digest_of({"rerun": str(run_id)}))


@router.get("/tasks/{task_id}", responses=problems(401, 404, 422), summary="Show a task")
def show_task(run_id: UUID, task_id: UUID, services: Provided) -> TaskDetail:
    """A task with what it logged, and with each of its attempts that came to nothing."""
    with services.reading() as session:
        task = find_task(session, run_id, task_id)
        return TaskDetail.of_parts(task, failed_attempts(session, task_id))


@router.post(
    "/tasks/{task_id}/retry",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=BODILESS,
    summary="Retry a task",
)
def retry_task(run_id: UUID, task_id: UUID, request: Request, services: Provided) -> RunOut:
    """Go on with a failed or cancelled run, but of what failed try this task alone: one item of many."""
    with services.reading() as session:
        find_task(session, run_id, task_id)
        again = _again(session, services, run_id, request.state.actor)
    with services.writing() as session:
        return RunOut.of(repeating.retry_run(session, run_id, task_id, again, services.runtime.items))


def _again(session: Session, services: Services, run_id: UUID, actor: str) -> Again:
    return repeating.again_of(session, run_id, partial(runnable, services.runtime.registry), actor, utc_now())
