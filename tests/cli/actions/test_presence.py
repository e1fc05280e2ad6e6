"""Commands beside a keeper that writes the same rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cli.actions.services import prepare
from pipelines.loading.registry import Registry
from presstime.database import create_engine, create_sessions
from presstime.settings import load_settings
from tests.support.commands import Command
from tests.support.races import keeper_between
from tests.support.schedule_book import with_schedule
from tests.support.servers.postgres import PostgresServer


@pytest.fixture
def engine(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with postgres.database_with_tables() as url:
        monkeypatch.setenv("PRESSTIME_DATABASE_URL", url)
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize(
    "words",
    [
        ("schedule", "create", "one", "daily", "--cron", "0 6 * * *"),
        ("backfill", "one", "--from", "2026-01-05", "--to", "2026-01-05"),
        ("backfill", "one/nightly", "--from", "2026-01-05", "--to", "2026-01-05"),
        ("schedule", "show", "nightly"),
        ("schedule", "pause", "nightly"),
        ("schedule", "fire", "nightly"),
        ("schedule", "edit", "nightly", "--cron", "30 3 * * *", "--yes"),
    ],
)
def test_a_command_survives_that_the_keeper_writes_the_pipeline_at_this_moment(
    command: Command, engine: Engine, folder: Path, words: tuple[str, ...]
) -> None:
    with_schedule(folder)

    with keeper_between(create_sessions(engine), Registry.load(folder)) as between:
        ended = between.call(lambda: command(*words))

    assert ended.code == 0, ended.stderr


@pytest.mark.usefixtures("data_dir")
def test_up_survives_that_a_keeper_elsewhere_writes_the_pipelines_at_this_moment(
    engine: Engine, folder: Path
) -> None:
    with keeper_between(create_sessions(engine), Registry.load(folder)) as between:
        between.call(lambda: prepare(load_settings()))
