"""Finds the pipeline that a request names, as its file is now."""

from pipelines.loading.registry import LoadedPipeline, Registry
from presstime.errors import PresstimeError


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
