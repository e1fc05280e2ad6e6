"""Pipelines: what can be run, and starting a run."""

from collections import defaultdict

from fastapi import APIRouter, Depends, Request, Response, status
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.documentation import problems
from api.idempotency import Key, accept
from api.lookup import ensure_row, runnable
from api.schemas.pipelines import LoadProblemOut, PipelineList, PipelineOut, by_name
from api.schemas.requests import RunIn, json_only
from api.schemas.runs import RunOut
from api.services import Provided, Services
from pipelines.loading.registry import Registry, UnknownPipeline
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from presstime.clock import utc_now
from presstime.models import PipelineRow, Run, Schedule, Trigger

router = APIRouter(prefix="/pipelines", tags=["pipelines"])


@router.get("", responses=problems(401), summary="List pipelines")
def list_pipelines(services: Provided) -> PipelineList:
    """Every pipeline, those included whose file cannot be loaded, with the mistakes that were found."""
    registry = services.runtime.registry
    registry.refresh()
    with services.reading() as session:
        found = _pipelines(session, registry)
    return PipelineList(
        items=by_name(found), problems=[LoadProblemOut.of(problem) for problem in registry.problems]
    )


@router.get("/{name}", responses=problems(401, 404), summary="Show a pipeline")
def show_pipeline(name: str, services: Provided) -> PipelineOut:
    registry = services.runtime.registry
    registry.refresh()
    with services.reading() as session:
        found = _pipelines(session, registry, name)
    if name not in found:
        raise UnknownPipeline(name, sorted(registry.pipelines))
    return found[name]


@router.post(
    "/{name}/runs",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(400, 401, 404, 409, 413, 415, 422, 503),
    dependencies=[Depends(json_only)],
    summary="Start a run",
)
def start_run(
    *,
    name: str,
    request: Request,
    response: Response,
    services: Provided,
    asked: RunIn | None = None,
    key: Key = None,
) -> RunOut:
    """Queue a run of the pipeline. It is stored before the answer, and starts as soon as a worker can."""
    wanted = asked or RunIn()

    def make(session: Session) -> Run:
        return _submit(session, services, name, wanted, request.state.actor)

    return accept(services, response, make, key=key, request_sha256=wanted.sha256(name))


def _submit(session: Session, services: Services, name: str, wanted: RunIn, actor: str) -> Run:
    registry = services.runtime.registry
    asked = request_run(
        runnable(registry, name),
        params=wanted.params,
        interval=wanted.interval,
        as_of=utc_now(),
        origin=Origin(Trigger.API, actor),
    )
    ensure_row(session, registry, name)
    return submit(session, asked, services.runtime.items)


def _pipelines(session: Session, registry: Registry, only: str | None = None) -> dict[str, PipelineOut]:
    """Pipelines as loaded, and broken ones as they were last known."""
    rows = {row.name: row for row in session.scalars(select(PipelineRow))}
    schedules = defaultdict[str, list[Schedule]](list)
    for schedule in session.scalars(
        select(Schedule).where(Schedule.removed_at.is_(None)).order_by(Schedule.name)
    ):
        schedules[schedule.pipeline].append(schedule)
    found = {
        loaded.name: PipelineOut.of_code(loaded, schedules[loaded.name])
        for loaded in registry.pipelines.values()
        if only in {None, loaded.name}
    }
    for problem in registry.problems:
        broken = problem.pipeline
        if broken is not None and broken not in found and only in {None, broken}:
            found[broken] = PipelineOut.of_broken(broken, str(problem), rows.get(broken), schedules[broken])
    return found
