"""A run that failed goes on by mended code, as a whole or one item of it, on a real worker without a keeper."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select

from presstime.models import OutboxMessage, Run, Task
from scheduler.runtime import Runtime
from tests.support.installations.installation import Installation, one_object

FAULTY = '''
"""Three steps, of which the second has a fault."""

import logging
import pandas as pd
from pathlib import Path
from pipelines import Pipeline
from reports import Sheet, Workbook

faulty = Pipeline("faulty")
log = logging.getLogger("author")


@faulty.extract
def first() -> int:
    with Path("LEDGER").open("a") as ledger:
        ledger.write("first\\n")
    return 7


@faulty.transform
def second(first: int) -> int:
    log.warning("dividing %d", first)
    return first // 0


@faulty.report
def book(second: int) -> Workbook:
    return Workbook(Sheet("One", pd.DataFrame({"n": [second]})))
'''
ITEMS = '''
"""Three items, of which two fail."""

from pathlib import Path
from pipelines import Pipeline

items = Pipeline("items")
FAILING = ("b", "c")


@items.extract(over=["a", "b", "c"])
def each(name: str) -> str:
    with Path("LEDGER").open("a") as ledger:
        ledger.write(name)
    if name in FAILING:
        raise LookupError(f"no {name} today")
    return name


@items.transform
def together(each: list[str]) -> str:
    return "".join(each)
'''


@pytest.fixture(scope="module")
def with_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """As `presstime up` has it, but of its processes the broker and a worker alone."""
    with (
        Installation(tmp_path_factory.mktemp("operations")) as made,
        made.held_by_up(),
    ):
        made.make_tables()
        made.start_valkey()
        made.start("worker")
        yield made


def failed_run(with_worker: Installation, name: str) -> UUID:
    done = with_worker.command("run", name, "--json", "--out", str(with_worker.folder / "out"))
    told = one_object(done.stdout)
    assert (done.returncode, told["state"]) == (1, "failed"), done.stderr
    return UUID(told["run_id"])


def retried(with_worker: Installation, run_id: UUID, *words: str) -> Run:
    """The run at its end, after `presstime retry`."""
    done = with_worker.command("retry", str(run_id), *words)
    assert (done.returncode, done.stderr) == (0, "")
    return with_worker.finished(run_id)


def attempts(runtime: Runtime, run_id: UUID) -> dict[tuple[str, str | None], tuple[str, int]]:
    """State and number of attempts of each task."""
    with runtime.sessions() as session:
        tasks = session.scalars(select(Task).where(Task.run_id == run_id)).all()
        return {(task.step, task.item): (str(task.state), task.attempt) for task in tasks}


def test_a_retry_by_mended_code_finishes_the_same_run(with_worker: Installation, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    source = FAULTY.replace("LEDGER", str(ledger))
    with_worker.write_pipeline("faulty", source)
    run_id = failed_run(with_worker, "faulty")
    assert attempts(with_worker.runtime, run_id) == {
        ("first", None): ("succeeded", 1),
        ("second", None): ("failed", 1),
        ("book", None): ("skipped", 0),
    }
    with_worker.write_pipeline("faulty", source.replace("first // 0", "first // 1"))

    run = retried(with_worker, run_id)

    assert (run.state, run.error, run.generation) == ("succeeded", None, 2)
    assert attempts(with_worker.runtime, run_id) == {
        ("first", None): ("succeeded", 1),
        ("second", None): ("succeeded", 2),
        ("book", None): ("succeeded", 1),
    }
    assert ledger.read_text() == "first\n"
    with with_worker.runtime.sessions() as session:
        assert session.scalars(select(Run.id).where(Run.pipeline == "faulty")).all() == [run_id]
        assert session.scalars(select(OutboxMessage.id).where(OutboxMessage.run_id == run_id)).all() == []
    saved = with_worker.command("download", str(run_id), "--out", str(tmp_path)).stdout.strip()
    with closing(openpyxl.load_workbook(saved)) as book:
        assert book["One"]["A2"].value == 7
    log = with_worker.command("log", str(run_id), "second").stdout
    assert "second: attempt 1 failed" in log
    assert "return first // 0" in log
    assert "ZeroDivisionError" in log
    assert "second: attempt 2 succeeded" in log
    assert log.count("WARNING dividing 7") == 2


def test_one_item_is_retried_alone_and_then_the_rest(with_worker: Installation, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    source = ITEMS.replace("LEDGER", str(ledger))
    with_worker.write_pipeline("items", source)
    run_id = failed_run(with_worker, "items")
    assert sorted(ledger.read_text()) == ["a", "b", "c"]
    with_worker.write_pipeline("items", source.replace('("b", "c")', "()"))

    alone = retried(with_worker, run_id, "--step", "each", "--item", "b")

    assert (alone.state, alone.error) == ("failed", "each c: LookupError: no c today")
    assert ledger.read_text()[3:] == "b"
    rest = retried(with_worker, run_id)
    assert (rest.state, rest.error, rest.generation) == ("succeeded", None, 3)
    assert ledger.read_text()[4:] == "c"
    assert attempts(with_worker.runtime, run_id) == {
        ("each", '"a"'): ("succeeded", 1),
        ("each", '"b"'): ("succeeded", 2),
        ("each", '"c"'): ("succeeded", 2),
        ("together", None): ("succeeded", 1),
    }
