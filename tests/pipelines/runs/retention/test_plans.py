"""What pruning asks is answered by an index, however long the tables are. On both databases."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, Executable, delete, func, insert, inspect, literal, select, text, update
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
from tests.support.query_plans import SHORT, explained, whole_reads
from tests.support.runs.past import many_runs

PRUNED = {"runs", "tasks", "stages", "reports", "files"}


def queries(first: datetime) -> dict[str, Executable]:
    some = [UUID(int=number) for number in range(5)]
    old = Cutoff.at(first + timedelta(seconds=100))
    newest = select(RUNS.c.id).where(RUNS.c.pipeline == "of few runs").order_by(RUNS.c.id.desc()).limit(9)
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


@pytest.mark.parametrize(
    "plan",
    [
        ["SCAN runs"],
        ["SCAN runs USING COVERING INDEX ix_runs_pipeline_id"],
        ["Seq Scan on runs  (cost=0.00..9.00 rows=9 width=9)"],
        ["Index Only Scan using pk_runs on runs  (cost=0.00..9.00 rows=9 width=9)", "Filter: (id > 1)"],
    ],
)
def test_a_plan_that_reads_a_whole_table_is_seen(plan: list[str]) -> None:
    assert whole_reads(["Limit", *plan]) == plan[:1]


def test_every_query_uses_an_index(engine: Engine) -> None:
    first = many_runs(sessionmaker(engine), 2000, 2)
    with engine.begin() as connection:
        failed = select(TASKS.c.id, literal(1), literal("Lost"), literal("away"), func.now())
        columns = ["task_id", "attempt", "error_type", "error", "ended_at"]
        connection.execute(insert(FAILED_ATTEMPTS).from_select(columns, failed))
        connection.execute(text("ANALYZE"))
    for name, query in queries(first).items():
        with engine.connect() as connection:
            if (
                engine.dialect.name == "postgresql"
            ):  # the other tables are so small that reading them whole is quicker
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            with explained(engine) as plan:
                connection.execute(query)
        assert plan, name
        assert whole_reads(plan) == [], (name, plan)


def test_whatever_refers_to_a_row_that_goes_is_found_by_an_index(engine: Engine) -> None:
    """A database looks for each row that goes in every table that may refer to it."""
    found = inspect(engine)
    referring = set()
    for name in Base.metadata.tables.keys() - SHORT:
        indexed = {index["column_names"][0] for index in found.get_indexes(name)}
        indexed |= {one["column_names"][0] for one in found.get_unique_constraints(name)}
        indexed |= set(found.get_pk_constraint(name)["constrained_columns"][:1])
        keys = Base.metadata.tables[name].foreign_keys
        refers = {key.parent.name for key in keys if key.column.table.name in PRUNED}
        assert refers <= indexed, name
        referring |= {name} if refers else set()
    assert {"events", "tasks", "stages", "reports", "snapshots", "failed_attempts"} <= referring
