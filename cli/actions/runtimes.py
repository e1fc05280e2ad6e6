"""Opens what commands work with: a database of the right shape, and the runtime of those that read or write."""

from presstime.database import create_engine
from presstime.migrations import ensure_current
from presstime.settings import PROJECT, Settings, make_data_folder
from scheduler.runtime import Runtime

DEMO_PIPELINES = PROJECT / "demo" / "pipelines"


def open_runtime(settings: Settings, *, demo: bool = False) -> Runtime:
    """The runtime of a command that writes."""
    folders = (*settings.pipelines, DEMO_PIPELINES) if demo else settings.pipelines
    ensure_database(settings)
    return Runtime.open(settings.model_copy(update={"pipelines": folders}), durable=True)


def open_reader(settings: Settings) -> Runtime:
    """The runtime of a command that only looks."""
    ensure_database(settings)
    return Runtime.open(settings)


def ensure_database(settings: Settings) -> None:
    """The embedded database is made when it is missing; one that was named is only looked at."""
    make_data_folder(settings.data_dir)
    engine = create_engine(settings.effective_database_url)
    ensure_current(engine, create=settings.database_url == "")
    engine.dispose()
