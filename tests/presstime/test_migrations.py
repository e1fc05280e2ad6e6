"""Migrations and models tell the same story, on both databases."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import DateTime, Uuid, bindparam, inspect, text

from presstime.database import create_engine
from presstime.migrations import (
    DatabaseForeign,
    DatabaseOutdated,
    DatabaseUnavailable,
    downgrade,
    ensure_current,
    head_revision,
    upgrade,
)
from presstime.models import Base


def test_up_down_and_up_again_ends_where_the_models_are(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)

    upgrade(engine)
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(engine)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_every_table_has_a_model_and_every_model_a_table(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)

    upgrade(engine)

    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_an_empty_database_is_filled_only_when_asked(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)

    with pytest.raises(DatabaseOutdated, match="presstime migrate"):
        ensure_current(engine, create=False)
    ensure_current(engine, create=True)
    ensure_current(engine, create=False)

    engine.dispose()


def test_a_database_of_somebody_else_is_left_alone(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))

    with pytest.raises(DatabaseForeign, match="not Presstime's"):
        ensure_current(engine, create=True)

    assert inspect(engine).get_table_names() == ["customers"]
    engine.dispose()


def test_a_newer_database_is_refused(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseForeign, match="9999"):
        ensure_current(engine, create=True)
    engine.dispose()


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are not the tables you are looking for" * 100)
    engine = create_engine(f"sqlite:///{path}")

    with pytest.raises(DatabaseUnavailable, match=r"not a database.*PRESSTIME_DATABASE_URL"):
        ensure_current(engine, create=True)
    engine.dispose()


def test_the_folder_of_migrations_does_not_shadow_the_library() -> None:
    import alembic

    assert alembic.__file__ is not None
    assert "site-packages" in alembic.__file__
    assert head_revision() == "0007"


OLD_SCHEDULE = f"""
INSERT INTO schedules (id, pipeline, name, spec, timezone, params, catch_up, overlap, jitter_seconds,
    failures_in_row, cursor, version, created_at, updated_at)
VALUES ('{1:032x}', 'sales', 'daily', '{{"kind": "cron", "catch_up": "all", "overlap": "skip"}}', 'UTC', '{{}}',
    'all', 'skip', 0, 0, '2026-01-01', 1, '2026-01-01', '2026-01-01')
"""
OLD_FIRING = f"""
INSERT INTO firings (id, schedule_id, instant, last_instant, count, decision, reason, decided_at)
VALUES (:id, '{1:032x}', :instant, :instant, 1, :decision, :reason, :instant)
"""
OLD_REASONS = {
    "paused": "paused",
    "superseded by a later instant": "superseded",
    "too late: missed by 1:00:00": "too_late",
    "an earlier run of this schedule is unfinished": "overlap",
    "pipeline 'sales' is unknown": "refused",
    None: None,
}


def test_older_decisions_get_their_cause(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        connection.exec_driver_sql(OLD_SCHEDULE)
        for number, reason in enumerate(OLD_REASONS, start=1):
            row = {
                "id": uuid.UUID(int=number),
                "instant": datetime(2026, 1, number, tzinfo=UTC),
                "decision": "skipped" if reason else "fired",
                "reason": reason,
            }
            statement = text(OLD_FIRING).bindparams(
                bindparam("id", type_=Uuid), bindparam("instant", type_=DateTime(timezone=True))
            )
            connection.execute(statement, row)

    upgrade(engine)

    with engine.connect() as connection:
        causes = connection.execute(text("SELECT cause FROM firings ORDER BY instant")).scalars().all()
    assert list(causes) == list(OLD_REASONS.values())
    downgrade(engine, "0002")
    with engine.connect() as connection:
        policies = connection.execute(text("SELECT catch_up, overlap FROM schedules")).one()
    assert tuple(policies) == ("all", "skip")
    engine.dispose()
