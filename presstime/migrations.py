"""Brings a database to the shape that the models have, and refuses one that has another."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError

from presstime.errors import PresstimeError
from presstime.settings import PROJECT


class DatabaseUnavailable(PresstimeError):
    def __init__(self, engine: Engine, error: Exception) -> None:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        super().__init__(f"database {_name(engine)}: {reason}. Check PRESSTIME_DATABASE_URL.")


class DatabaseOutdated(PresstimeError):
    def __init__(self, engine: Engine, found: str | None, head: str) -> None:
        self.found = found
        super().__init__(
            f"database {_name(engine)} is at version {found or 'none'}, this Presstime needs {head}. "
            "Back it up, then run: presstime migrate"
        )


class DatabaseForeign(PresstimeError):
    def __init__(self, engine: Engine, why: str) -> None:
        super().__init__(f"database {_name(engine)} {why}. Check PRESSTIME_DATABASE_URL.")


def head_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise PresstimeError(f"no migrations in {PROJECT / 'alembic'}: the checkout is incomplete")
    return head


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Create or update the tables, in one transaction. Two at once wait for each other."""
    _refuse_foreign(engine)
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def ensure_current(engine: Engine, *, create: bool) -> None:
    """Pass when the tables are what the code expects; an empty database is filled when `create` is set."""
    revision, empty = _refuse_foreign(engine)
    head = head_revision()
    if revision == head:
        return
    if empty and create:
        upgrade(engine)
        return
    raise DatabaseOutdated(engine, revision, head)


def _refuse_foreign(engine: Engine) -> tuple[str | None, bool]:
    """The revision found and whether the database is empty."""
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    except DatabaseError as error:
        raise DatabaseUnavailable(engine, error) from error
    if revision is None and tables:
        raise DatabaseForeign(engine, "holds tables that are not Presstime's")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseForeign(
            engine, f"is at version {revision}, which this Presstime does not know (is it newer?)"
        )
    return revision, not tables


def _config(connection: object = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(PROJECT / "alembic"))
    return config


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
