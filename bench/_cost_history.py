"""Fills a database with finished runs: one that really ran, copied many times within the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import Engine, Table, Uuid, delete, insert, select

from presstime.clock import utc_now
from presstime.database import database_now, table_of
from presstime.ids import EPOCH, new_id
from presstime.models import Event, OutboxMessage, PipelineRow, Report, Run, Schedule, Snapshot, Stage, Task

SPAN = timedelta(days=365)  # over which the runs are spread, the newest of them a day ago
PIPELINES = 20
EVENTS_KEPT = 3  # of each old run: pruning has taken the others
BATCH = 20_000
# For the loading alone. Rows that were right once are right as often as they are copied: no reference is checked.
LOADING = {
    "postgresql": ("SET session_replication_role = replica",),
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -200000"),
}
REPORTS = table_of(Report)
BACKLOG = 5_000  # rows of the outbox whose time has not come


class History:
    """Copies of one finished run. Their ids say when they were made, as those of real ones do."""

    def __init__(self, engine: Engine, template: UUID, runs: int) -> None:
        self._engine = engine
        self._template = template
        self._runs = runs
        self._postgres = engine.dialect.name == "postgresql"
        self._step = SPAN / runs
        self._start = utc_now() - timedelta(days=1) - SPAN
        self._numbers: dict[UUID, int] = {}

    def load(self) -> None:
        self._trim()
        self._add_pipelines()
        self._add_snapshot()
        self._number()
        raw = self._engine.raw_connection()
        try:
            cursor = raw.cursor()
            for setting in LOADING[self._engine.dialect.name]:
                cursor.execute(setting)
            for first in range(1, self._runs + 1, BATCH):
                for model in (Run, Stage, Task, Event, Report, Snapshot):
                    cursor.execute(self._copy(table_of(model), first, min(first + BATCH - 1, self._runs)))
                raw.commit()
        finally:
            raw.invalidate()  # closed, so that nobody is measured with these settings
            raw.close()

    def _trim(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                delete(Event).where(Event.run_id == self._template, Event.number > EVENTS_KEPT)
            )

    def _add_pipelines(self) -> None:
        with self._engine.begin() as connection:
            for number in range(PIPELINES):
                connection.execute(insert(PipelineRow).values(_pipeline(number, self._start)))
                connection.execute(insert(Schedule).values(_schedule(number, self._start)))

    def _add_snapshot(self) -> None:
        """One fetch of its report's bytes, as if its first task had come by them over HTTP."""
        with self._engine.begin() as connection:
            report = connection.execute(select(REPORTS).where(REPORTS.c.run_id == self._template)).one()
            connection.execute(
                insert(Snapshot).values(
                    id=new_id(),
                    run_id=self._template,
                    task_id=report.task_id,
                    attempt=1,
                    position=0,
                    method="GET",
                    url="https://example.org/",
                    status=200,
                    media_type="text/html",
                    sha256=report.sha256,
                    bytes=report.bytes,
                    fetched_at=database_now(),
                )
            )

    def _number(self) -> None:
        """Give each row of the template a number of its own, from which the ids of its copies are made."""
        numbers = count()
        self._numbers = {self._template: next(numbers)}
        with self._engine.begin() as connection:
            for model in (Stage, Task, Report, Snapshot):
                table = table_of(model)
                ids = select(table.c.id).where(table.c.run_id == self._template).order_by(table.c.id)
                self._numbers |= {row_id: next(numbers) for row_id in connection.scalars(ids)}

    def _copy(self, table: Table, first: int, last: int) -> str:
        names = ", ".join(f'"{column.name}"' for column in table.c)
        values = ", ".join(self._values(table))
        key = "id" if table.name == "runs" else "run_id"
        if self._postgres:
            numbers = f"generate_series({first}, {last}) AS numbers (n)"
        else:
            numbers = (
                f"(WITH RECURSIVE counted (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM counted "
                f"WHERE n < {last}) SELECT n FROM counted) AS numbers"
            )
        template = f"{table.name} AS t WHERE t.{key} = {self._literal(self._template)}"
        return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {numbers} CROSS JOIN {template}"

    def _values(self, table: Table) -> Iterator[str]:
        changed = self._of_run() if table.name == "runs" else {}
        if table.name == "reports":
            changed = {"pipeline": f"'history-' || (n % {PIPELINES})", "version": "CAST(n AS INTEGER)"}
        for column in table.c:
            if column.name in changed:
                yield changed[column.name]
            elif isinstance(column.type, Uuid):
                yield self._new_id(f't."{column.name}"')
            else:
                yield f't."{column.name}"'

    def _of_run(self) -> dict[str, str]:
        seconds = f"(n * {self._step.total_seconds()!r})"
        start = f"{self._start:%Y-%m-%d %H:%M:%S.%f}"
        schedules = " ".join(
            f"WHEN {number} THEN {self._literal(_schedule_id(number))}" for number in range(PIPELINES)
        )
        return {
            "pipeline": f"'history-' || (n % {PIPELINES})",
            "schedule_id": f"CASE n % {PIPELINES} {schedules} END",
            "state": "CASE n % 100 WHEN 7 THEN 'failed' WHEN 8 THEN 'cancelled' ELSE 'succeeded' END",
            "created_at": f"TIMESTAMPTZ '{start}+00' + make_interval(secs => {seconds})"
            if self._postgres
            else f"strftime('%Y-%m-%d %H:%M:%f000', '{start[:-3]}', {seconds} || ' seconds')",
        }

    def _new_id(self, column: str) -> str:
        numbers = " ".join(
            f"WHEN {self._literal(old)} THEN {number}" for old, number in self._numbers.items()
        )
        number = f"CASE {column} {numbers} END"
        first = (self._start - EPOCH) // timedelta(milliseconds=1)
        millisecond = f"{first} + CAST(n * {self._step.total_seconds() * 1000!r} AS BIGINT)"
        if self._postgres:
            return (
                f"CAST(lpad(to_hex({millisecond}), 12, '0') || '7' || lpad(to_hex({number}), 3, '0') "
                f"|| '8' || lpad(to_hex(n), 15, '0') AS uuid)"
            )
        made = f"printf('%012x7%03x8%015x', {millisecond}, {number}, n)"
        return f"CASE WHEN {number} IS NOT NULL THEN {made} END"

    def _literal(self, value: UUID) -> str:
        return f"UUID '{value}'" if self._postgres else f"'{value.hex}'"


def add_backlog(engine: Engine, run_id: UUID, rows: int = BACKLOG) -> None:
    """Rows of the outbox that wait for their time, as those of tries that are to come later do."""
    later = {"run_id": run_id, "intent": "advance"}
    with engine.begin() as connection:
        connection.execute(
            insert(OutboxMessage).values(created_at=database_now(), available_at=database_now(86_400.0)),
            [later] * rows,
        )


def gather_statistics(engine: Engine) -> None:
    """What autovacuum does by itself in a while. Presstime never has SQLite do it, so neither does this."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _schedule_id(number: int) -> UUID:
    return UUID(int=(7 << 76) | (2 << 62) | number)


def _pipeline(number: int, made: datetime) -> dict[str, object]:
    return {
        "name": f"history-{number}",
        "title": f"History {number}",
        "description": "",
        "source": "bench",
        "timezone": "UTC",
        "created_at": made,
    }


def _schedule(number: int, made: datetime) -> dict[str, object]:
    return {
        "id": _schedule_id(number),
        "pipeline": f"history-{number}",
        "name": "daily",
        "spec": {},
        "timezone": "UTC",
        "cursor": made,
        "version": 1,
        "created_at": made,
        "updated_at": made,
        "removed_at": made,  # nobody is to ring it
    }
