"""Pipelines: what can be run, and starting a run."""

from fastapi import APIRouter, Request, Response, status
from sqlalchemy.orm import Session

from api.bodies import JSON_BODY
from api.documentation import REFUSALS, problems
from api.idempotency import Key, accept
from api.lookup import runnable
from api.schemas.pipelines import LoadProblemOut, PipelineList, PipelineOut, by_name
from api.schemas.requests import RunIn
from api.schemas.runs import RunOut
from api.services import Provided, Services
from pipelines.loading.registry import Registry, UnknownPipeline
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.listing import known_pipelines, schedules_by_pipeline
from pipelines.schedules.presence import ensure_rows
from presstime.clock import utc_now
from presstime.models import Run, Trigger

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
    responses=REFUSALS,
    dependencies=JSON_BODY,
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
    ensure_rows(session, registry, name, utc_now())
    return submit(session, asked, services.runtime.items)


def _pipelines(session: Session, registry: Registry, only: str | None = None) -> dict[str, PipelineOut]:
    """Pipelines as loaded, and broken ones as they were last known."""
    rows, schedules = known_pipelines(session), schedules_by_pipeline(session)
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
