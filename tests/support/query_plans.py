"""How a database would answer a query: by an index, or by reading a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

SHORT = {"outbox"}  # holds what is not sent yet: an index would cost each message more than it saves here


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


def is_whole(line: str) -> bool:
    """A step of a plan that reads a whole table, and not a short one."""
    if line.endswith(("CONSTANT ROW", *SHORT)):
        return False
    return "Seq Scan" in line or (line.startswith("SCAN ") and "USING" not in line)
