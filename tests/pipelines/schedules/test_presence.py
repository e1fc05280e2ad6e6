"""The rows that runs, schedules and backfills refer to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.loading.registry import Registry
from pipelines.schedules.presence import ensure_row, ensure_rows
from presstime.clock import utc_now
from presstime.database import create_engine, create_sessions
from presstime.models import PipelineRow, Schedule
from tests.support.races import keeper_between
from tests.support.servers.postgres import PostgresServer

TWO = """from pipelines import Cron, Pipeline

first = Pipeline("first", schedules=[Cron("0 6 * * *", name="daily")])
second = Pipeline("second")


@first.extract
def numbers() -> list[int]:
    return [1]


@second.extract
def letters() -> list[str]:
    return ["a"]
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    (tmp_path / "two.py").write_text(TWO)
    return Registry.load(tmp_path, catalog=False, entry_points=False)


@pytest.fixture
def postgres_engine(postgres: PostgresServer) -> Iterator[Engine]:
    with postgres.database_with_tables() as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def names(session: Session) -> tuple[list[str], list[str]]:
    """Of the pipelines and of the schedules."""
    return (
        list(session.scalars(select(PipelineRow.name).order_by(PipelineRow.name))),
        list(session.scalars(select(Schedule.name))),
    )


def test_where_the_row_is_missing_all_pipelines_and_schedules_are_written(
    sessions: sessionmaker[Session], registry: Registry
) -> None:
    with sessions.begin() as session:
        ensure_rows(session, registry, "second", utc_now())

    with sessions() as session:
        assert names(session) == (["first", "second"], ["daily"])


def test_who_runs_one_pipeline_writes_this_one_alone(
    sessions: sessionmaker[Session], registry: Registry
) -> None:
    with sessions.begin() as session:
        ensure_row(session, registry.get("first"), utc_now())

    with sessions() as session:
        assert names(session) == (["first"], [])


@pytest.mark.parametrize("alone", [False, True])
def test_what_the_keeper_writes_at_this_moment_is_read(
    postgres_engine: Engine, registry: Registry, *, alone: bool
) -> None:
    sessions = create_sessions(postgres_engine)

    def door() -> str:
        with sessions.begin() as session:
            if alone:
                ensure_row(session, registry.get("second"), utc_now())
            else:
                ensure_rows(session, registry, "second", utc_now())
            return session.get_one(PipelineRow, "second").name

    with keeper_between(sessions, registry) as between:
        assert between.call(door) == "second"

    with sessions() as session:
        assert names(session) == (["first", "second"], ["daily"])
