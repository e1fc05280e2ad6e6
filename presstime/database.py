"""Engine and session for SQLite and PostgreSQL, and the database's own clock. Knows no table."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Float,
    Result,
    Table,
    event,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from presstime.errors import PresstimeError

if TYPE_CHECKING:
    import psycopg

SQLITE_BUSY_MS = 30_000  # how long a writer waits for another one before "database is locked"
POSTGRES_POOL = 5  # connections a process keeps; a worker's pool child uses one, the API a few
CONNECT_TIMEOUT = 5  # seconds
# A process that is stopped within a transaction holds its locks: PostgreSQL ends it after so long.
IDLE_SECONDS = 8


class BadDatabaseUrl(PresstimeError):
    """The database URL cannot be used."""

    def __init__(self, url: str, reason: object) -> None:
        super().__init__(
            f"PRESSTIME_DATABASE_URL={url!r}: {reason}. "
            "Use sqlite:////folder/file.db or postgresql+psycopg://user@host/name."
        )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant: timestamptz in PostgreSQL, text in UTC with microseconds in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # SQLAlchemy's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} cannot be stored: give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class database_now(FunctionElement[datetime]):  # noqa: N801 # reads as the SQL function that it is
    """The database's clock, `seconds` from now; the same in every row of one statement. Null from null."""

    type = UtcDateTime()
    inherit_cache = True

    def __init__(self, seconds: float | ColumnElement[Any] | None = None) -> None:
        if isinstance(seconds, ColumnElement):
            super().__init__(type_coerce(seconds, Float))
        elif seconds:
            super().__init__(literal(float(seconds), Float))
        else:
            super().__init__()


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    if not len(element.clauses):
        return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
    # printf would make a number of null; strftime makes null of a null modifier
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', round({seconds}, 3) || ' seconds')"


@compiles(database_now, "postgresql")
def _postgres_now(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    # statement_timestamp() is stable within a statement, so an index on the compared column still serves.
    if not len(element.clauses):
        return "statement_timestamp()"
    return f"(statement_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


def create_engine(url: str, *, durable: bool = False) -> Engine:
    """An engine whose transactions take the write lock at their start.

    `durable` makes each commit survive a power cut on SQLite too (PostgreSQL's always do).
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            engine = sqlalchemy_engine(parsed, connect_args={"timeout": SQLITE_BUSY_MS / 1000})
            _tune_sqlite(engine, durable=durable)
            return engine
        if parsed.drivername != "postgresql+psycopg":
            raise BadDatabaseUrl(_hidden(url), "only SQLite and PostgreSQL with psycopg are known")
        engine = sqlalchemy_engine(
            parsed,
            pool_size=POSTGRES_POOL,
            max_overflow=POSTGRES_POOL,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT, "application_name": "presstime"},
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadDatabaseUrl(_hidden(url), error) from error
    _limit_idle_transactions(engine)
    return engine


def create_sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session that only reads, and so waits for no writer on SQLite."""
    with sessions() as session:
        session.connection(execution_options={"sqlite_begin": "DEFERRED"})
        yield session


def table_of(model: type[DeclarativeBase]) -> Table:
    """The table behind a mapped class, for statements over many rows."""
    return cast(Table, model.__table__)


def rows_changed(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or DELETE changed; -1 where the driver does not say."""
    return int(cast(CursorResult[Any], result).rowcount)


def insert_or_ignore(session: Session, model: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves rows alone which are there already."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table_of(model)).on_conflict_do_nothing()
    return sqlite.insert(table_of(model)).on_conflict_do_nothing()


def take_turns(session: Session, name: str) -> None:
    """Let nobody else who takes turns under this name go on until the transaction ends.

    On SQLite the transaction itself does that.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _hidden(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not a URL)"


def _limit_idle_transactions(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: "psycopg.Connection[Any]", record: object) -> None:  # noqa: ARG001 # SQLAlchemy's signature
        # Not as an option of the connection: poolers such as PgBouncer refuse those.
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        connection.commit()


def _tune_sqlite(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001 # SQLAlchemy's signature
        connection.isolation_level = None  # the driver's own BEGIN comes too late to keep two writers apart
        for pragma in (
            f"busy_timeout={SQLITE_BUSY_MS}",
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")
