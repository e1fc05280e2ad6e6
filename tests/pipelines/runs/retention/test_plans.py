"""What pruning asks is answered by an index, however long the tables are. On both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Executable, delete, event, func, inspect, select, text, update
from sqlalchemy.orm import sessionmaker

from pipelines.runs.retention.files import page_of_files, seen_by_somebody
from pipelines.runs.retention.policy import Cutoff
from pipelines.runs.retention.pruning import page_of_old_runs
from pipelines.runs.retention.rows import FIRST, OF_RUN, page_with_events
from pipelines.runs.retention.staying import PINNING_RUNS
from pipelines.runs.retention.traces import page_of_firings
from presstime.models.base import Base
from presstime.models.runs import UNFINISHED
from presstime.models.tables import FAILED_ATTEMPTS, IDEMPOTENCY_KEYS, RUNS, TASKS
from tests.pipelines.runs.retention.test_batches import many_runs

PRUNED = {"runs", "tasks", "stages", "reports", "files"}
SHORT = {"outbox"}  # holds what is not sent yet: an index would cost each message more than it saves here


def queries(first: datetime) -> dict[str, Executable]:
    some = [UUID(int=number) for number in range(5)]
    old = Cutoff.at(first + timedelta(seconds=100))
    newest = select(RUNS.c.id).where(RUNS.c.pipeline == "sales").order_by(RUNS.c.id.desc()).limit(9)
    tasks = select(TASKS.c.id).where(TASKS.c.run_id.in_(some))
    return {
        "old runs": page_of_old_runs(old, FIRST),
        "how many are old": select(func.count()).where(RUNS.c.id < old.before_id),
        "unfinished runs": select(func.count()).where(text(UNFINISHED), RUNS.c.id < old.before_id),
        "runs with pins": PINNING_RUNS,
        "the newest of a pipeline": newest,
        "runs with events": page_with_events(old, FIRST),
        "firings": page_of_firings(old, FIRST),
        "files": page_of_files(""),
        "attempts under way": seen_by_somebody(first),
        "keys": delete(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.run_id < old.before_id),
        "runs go": delete(RUNS).where(RUNS.c.id.in_(some)),
        "logs": update(FAILED_ATTEMPTS).where(FAILED_ATTEMPTS.c.task_id.in_(tasks)).values(log=None),
        **{f"{kind} go": delete(table).where(table.c.run_id.in_(some)) for kind, table in OF_RUN},
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


def test_every_query_uses_an_index(engine: Engine) -> None:
    first = many_runs(sessionmaker(engine), 2000, 2)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    for name, query in queries(first).items():
        with engine.connect() as connection:
            if (
                engine.dialect.name == "postgresql"
            ):  # the other tables are so small that reading them whole is quicker
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            with explained(engine) as plan:
                connection.execute(query)
        whole = [line for line in plan if is_whole(line)]
        assert plan, name
        assert whole == [], (name, plan)


def is_whole(line: str) -> bool:
    """A step of a plan that reads a whole table, and not a short one."""
    if line.endswith(("CONSTANT ROW", *SHORT)):
        return False
    return "Seq Scan" in line or (line.startswith("SCAN ") and "USING" not in line)


def test_whatever_refers_to_a_row_that_goes_is_found_by_an_index(engine: Engine) -> None:
    """A database looks for each row that goes in every table that may refer to it."""
    found = inspect(engine)
    for name in Base.metadata.tables.keys() - SHORT:
        indexed = {index["column_names"][0] for index in found.get_indexes(name)}
        indexed |= {one["column_names"][0] for one in found.get_unique_constraints(name)}
        indexed |= set(found.get_pk_constraint(name)["constrained_columns"][:1])
        keys = Base.metadata.tables[name].foreign_keys
        refers = {key.parent.name for key in keys if key.column.table.name in PRUNED}
        assert refers <= indexed, name
