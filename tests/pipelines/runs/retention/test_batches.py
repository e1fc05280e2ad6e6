"""However much is old, a transaction stays short, and the statements do not grow with the runs."""

from collections import Counter
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import sessionmaker

from pipelines.runs.retention.pruning import BATCH
from pipelines.runs.retention.rows import TASKS_AT_ONCE
from presstime.artifacts import Artifacts
from tests.support.runs.past import Past, many_runs

RUNS = 1000


class Transactions:
    """What each one removed, by table, and how many statements there were in all."""

    def __init__(self, engine: Engine) -> None:
        self.removed: list[Counter[str]] = [Counter()]
        self.statements = 0
        event.listen(engine, "after_cursor_execute", self._sent)
        event.listen(engine, "commit", self._committed)

    def _sent(self, connection: object, cursor: Any, statement: str, *rest: object) -> None:
        self.statements += 1
        if statement.startswith("DELETE FROM "):
            self.removed[-1][statement.split()[2]] += cursor.rowcount

    def _committed(self, connection: object) -> None:
        self.removed.append(Counter())

    def most(self, table: str) -> int:
        return max(one[table] for one in self.removed)

    def total(self, table: str) -> int:
        return sum(one[table] for one in self.removed)


def test_a_thousand_runs_go_in_small_batches(engine: Engine, artifacts: Artifacts) -> None:
    past = Past(sessionmaker(engine), artifacts)
    many_runs(past.sessions, RUNS, 6)
    seen = Transactions(engine)

    past.prune()

    assert (seen.total("runs"), seen.total("tasks")) == (RUNS - 1, (RUNS - 1) * 6)
    assert seen.most("runs") <= BATCH
    assert seen.most("tasks") <= TASKS_AT_ONCE
    assert sum(map(bool, seen.removed)) >= RUNS / BATCH
    assert seen.statements < RUNS / 5


def test_runs_of_many_tasks_are_fewer_to_a_batch(engine: Engine, artifacts: Artifacts) -> None:
    past = Past(sessionmaker(engine), artifacts)
    many_runs(past.sessions, 9, TASKS_AT_ONCE // 3)
    past.run(0)
    seen = Transactions(engine)

    past.prune()

    assert seen.total("runs") == 9
    assert seen.most("tasks") <= TASKS_AT_ONCE
    assert seen.most("runs") == 3
