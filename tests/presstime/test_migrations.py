"""Migrations and models tell the same story, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

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


def test_every_table_has_a_model_and_every_model_a_table(engine: Engine) -> None:
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


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


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseForeign, match="9999"):
        ensure_current(engine, create=True)


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
    assert head_revision() == "0002"
