"""The runtime of a process that carries out runs: settings, database, artifacts and the pipelines' code."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from celery import Celery
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from pipelines.loading.registry import LoadedPipeline, Registry
from pipelines.results.items import items_of
from presstime.artifacts import Artifacts
from presstime.database import create_engine, create_sessions
from presstime.settings import Settings

ATTRIBUTE = "presstime_runtime"


@dataclass(frozen=True)
class Runtime:
    """Made once in each process: neither connections nor loaded code may cross a fork."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    artifacts: Artifacts
    pid: int = field(default_factory=os.getpid)

    @classmethod
    def open(cls, settings: Settings, *, durable: bool = False) -> "Runtime":
        """`durable` is for those that promise something at commit: the API and the command line."""
        engine = create_engine(settings.effective_database_url, durable=durable)
        return cls(
            settings=settings,
            engine=engine,
            sessions=create_sessions(engine),
            artifacts=Artifacts(settings.effective_artifacts_url),
        )

    @cached_property
    def registry(self) -> Registry:
        """Loaded on first use: it imports the authors' code, and that imports pandas."""
        return Registry.load(*self.settings.pipelines)

    def pipeline(self, name: str, code_version: str) -> LoadedPipeline | None:
        """Return the pipeline as its files were in that version, looked for on disk again if they are others."""
        loaded = self.registry.pipelines.get(name)
        if loaded is None or not loaded.is_code_of(code_version):
            self.registry.refresh()
            loaded = self.registry.pipelines.get(name)
        return loaded if loaded is not None and loaded.is_code_of(code_version) else None

    def items(self, output: dict[str, Any]) -> list[str]:
        """The items that a step's output holds, for the steps that map over it."""
        return items_of(output, self.artifacts)


def bind_runtime(app: Celery, load: Callable[[], Settings]) -> None:
    """Let `runtime_of(app)` open a runtime on first use, and another one after a fork."""
    setattr(app, ATTRIBUTE, None)
    setattr(app, ATTRIBUTE + "_settings", load)


def runtime_of(app: Celery) -> Runtime:
    held: Any = getattr(app, ATTRIBUTE)
    if held is None or held.pid != os.getpid():
        if held is not None:
            held.engine.dispose(close=False)  # the parent's connections stay the parent's
        held = Runtime.open(getattr(app, ATTRIBUTE + "_settings")())
        setattr(app, ATTRIBUTE, held)
    return held  # type: ignore[no-any-return] # an attribute of Celery's that Celery does not know
