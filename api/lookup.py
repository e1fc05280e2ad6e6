"""Finds a pipeline by name in the registry, and makes sure that the database knows it too."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pipelines.loading.registry import LoadedPipeline, Registry
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.errors import PresstimeError
from presstime.models import PipelineRow


class PipelineBroken(PresstimeError):
    """The pipeline is known, but its file cannot be loaded as it is now."""

    def __init__(self, name: str, messages: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(f"pipeline {name!r} cannot be loaded: {'; '.join(messages)}")


def runnable(registry: Registry, name: str) -> LoadedPipeline:
    """The pipeline as its file is now; raises PipelineBroken or UnknownPipeline."""
    registry.refresh()
    for problem in registry.problems:
        if problem.pipeline == name and name not in registry.pipelines:
            raise PipelineBroken(name, problem.messages)
    return registry.get(name)


def ensure_row(session: Session, registry: Registry, name: str) -> None:
    """Write what the keeper has not written yet: a run refers to its pipeline's row."""
    if session.get(PipelineRow, name) is not None:
        return
    try:
        with session.begin_nested():
            sync(session, registry, utc_now())
    except IntegrityError:  # the keeper wrote the same rows at this moment
        session.expire_all()
