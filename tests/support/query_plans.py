"""How a database would answer a query: by an index, or by reading a whole table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from presstime.models.base import Base

SHORT = {"outbox"}  # holds what is not sent yet: an index would cost each message more than it saves here
# Indexes of a few rows of a table, such as the unfinished runs: to read one of them whole is what it is for.
PARTIAL = {
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


@contextmanager
def explained(engine: Engine) -> Iterator[list[str]]:
    """What is executed is only planned, and the plan noted."""
    lines: list[str] = []
    word = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "

    def ask(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> tuple[str, Any]:
        return word + statement, parameters

    def answer(connection: Any, cursor: Any, *rest: Any) -> None:
        lines.extend(str(row[-1]).strip() for row in cursor.fetchall())

    event.listen(engine, "before_cursor_execute", ask, retval=True)
    event.listen(engine, "after_cursor_execute", answer)
    yield lines
    event.remove(engine, "before_cursor_execute", ask)
    event.remove(engine, "after_cursor_execute", answer)


def whole_reads(plan: Sequence[str]) -> list[str]:
    """The steps of a plan that read a whole table, or a whole index of it; short ones do not count."""
    return [
        step
        for step, following in zip(plan, [*plan[1:], ""], strict=True)
        if not step.endswith("CONSTANT ROW")
        and not set(step.split()) & (SHORT | PARTIAL)
        and _reads_all(step, following)
    ]


def _reads_all(step: str, following: str) -> bool:
    """SQLite says SCAN for it; PostgreSQL names the condition by which an index is searched in the next line."""
    by_index = any(scan in step for scan in ("Index Scan", "Index Only Scan"))
    return step.startswith("SCAN ") or "Seq Scan" in step or (by_index and "Index Cond" not in following)
