"""Listens to what an engine really executes, and asks the database how it goes about that."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

from presstime.models import Base

# These grow with the history, or with what waits; the others hold a few rows for ever.
GROWING = frozenset(
    {"runs", "tasks", "stages", "events", "outbox", "reports", "snapshots", "failed_attempts"}
)
PARTIAL = frozenset(
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"]["where"] is not None
)
SCAN_SQLITE = re.compile(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$")
SEQUENTIAL = re.compile(r"Seq Scan on (\w+)")
BY_INDEX = re.compile(r"Index (?:Only )?Scan(?: Backward)? using (\w+) on (\w+)")
CONDITION = re.compile(r"^\s+Index Cond:")
NODE = re.compile(r"^\s*(?:->|SubPlan|InitPlan|CTE)")


@dataclass(frozen=True)
class Statement:
    """As the driver got it; of many sets of values the first."""

    text: str
    values: Any


@dataclass
class Spent:
    """`statements` are calls of the driver: one with many sets of values counts once."""

    times: int = 0
    statements: int = 0
    transactions: int = 0
    rows: int = 0  # inserted, changed or deleted


@dataclass
class Heard:
    """What was executed, by what it was for. `purpose` names that, and may be set anew at any time."""

    purpose: str = ""
    spent: dict[str, Spent] = field(default_factory=dict)
    # By purpose and text, so that each is explained once.
    statements: dict[tuple[str, str], Statement] = field(default_factory=dict)

    def forget(self) -> None:
        """Begin to count anew; which statements there are stays known."""
        self.spent.clear()

    @contextmanager
    def during(self, purpose: str) -> Iterator[Spent]:
        """Count one more time of `purpose`, and what is executed meanwhile as spent on it."""
        before, self.purpose = self.purpose, purpose
        spent = self._of(purpose)
        spent.times += 1
        try:
            yield spent
        finally:
            self.purpose = before

    def executed(self, statement: Statement, rows: int) -> None:
        spent = self._of(self.purpose)
        spent.statements += 1
        spent.rows += rows
        self.statements.setdefault((self.purpose, statement.text), statement)

    def begun(self) -> None:
        self._of(self.purpose).transactions += 1

    def written(self, rows: int) -> None:
        self._of(self.purpose).rows += rows

    def _of(self, purpose: str) -> Spent:
        return self.spent.setdefault(purpose, Spent())


@contextmanager
def listening(engine: Engine) -> Iterator[Heard]:
    heard, changes = Heard(), dict[int, int]()
    postgres = engine.dialect.name == "postgresql"

    def begun(connection: Connection) -> None:
        heard.begun()
        changes[id(connection)] = _changes(connection)

    def committing(connection: Connection) -> None:
        heard.written(_changes(connection) - changes.pop(id(connection)))

    def executed(  # noqa: PLR0917 # SQLAlchemy's signature
        connection: Connection,  # noqa: ARG001 # as above
        cursor: DBAPICursor,
        statement: str,
        parameters: Any,
        context: ExecutionContext | None,  # noqa: ARG001 # as above
        executemany: bool,  # as above
    ) -> None:
        if statement.startswith("BEGIN "):  # SQLite's, which PostgreSQL's driver says for itself
            return
        written = max(cursor.rowcount, 0) if postgres and not statement.startswith("SELECT") else 0
        heard.executed(Statement(statement, parameters[0] if executemany else parameters), written)

    listeners = (("begin", begun), ("after_cursor_execute", executed), ("commit", committing))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield heard
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def _changes(connection: Connection) -> int:
    """Rows that SQLite has changed. Its cursor does not know before every returned row is fetched."""
    return int(getattr(connection.connection.driver_connection, "total_changes", 0))


def explain(engine: Engine, statement: Statement) -> list[str]:
    """The plan with these values, line by line. Changes nothing: neither database executes what it explains."""
    with engine.connect() as connection:
        postgres = engine.dialect.name == "postgresql"
        prefix = "EXPLAIN (COSTS OFF) " if postgres else "EXPLAIN QUERY PLAN "
        cursor = connection.connection.cursor()
        cursor.execute(prefix + statement.text, statement.values)
        return [row[0] if postgres else row[3] for row in cursor.fetchall()]


def faults(statement: Statement, plan: list[str]) -> list[str]:
    """Lines that read all of a growing table, or all of an index that covers all of it.

    Reading an index in its order until a LIMIT is reached is none.
    """
    limited = "LIMIT" in statement.text
    return [
        line.strip()
        for number, line in enumerate(plan)
        if (found := _reads_all(line, plan[number + 1 :])) and not (limited and found == "index")
    ]


def _reads_all(line: str, following: list[str]) -> str:
    if (scan := SEQUENTIAL.search(line)) and scan[1] in GROWING:
        return "table"
    if (scan := SCAN_SQLITE.search(line)) and scan[1] in GROWING:
        return "" if scan[2] in PARTIAL else "index" if scan[2] else "table"
    if (scan := BY_INDEX.search(line)) and scan[2] in GROWING and scan[1] not in PARTIAL:
        return "" if any(map(CONDITION.match, _until_next_node(following))) else "index"
    return ""


def _until_next_node(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if NODE.match(line):
            return
        yield line
