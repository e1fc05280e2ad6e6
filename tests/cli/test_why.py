"""Why a schedule started a run, or none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.registry import Registry
from pipelines.rows import sync
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run
from presstime.database import create_engine, create_sessions
from presstime.migrations import upgrade
from presstime.models import Run, RunState, Schedule
from scheduler.fire import fire
from tests.cli.conftest import ONE, Command

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


class Book:
    """A schedule of half past two in New York, since 1 March, and what its alarms came to."""

    def __init__(self, data_dir: Path, folder: Path) -> None:
        data_dir.mkdir(exist_ok=True)
        self.engine = create_engine(f"sqlite:///{data_dir / 'presstime.db'}")
        upgrade(self.engine)
        self.sessions: sessionmaker[Session] = create_sessions(self.engine)
        self.registry = Registry.load(folder, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with self.sessions.begin() as session:
            sync(session, self.registry, BEGAN)

    def ring(self, day: int) -> None:
        """In the middle of a day of March."""
        with self.sessions.begin() as session:
            row = session.scalars(select(Schedule.id)).one()
            fire(session, row, self.registry.get, lambda _: [], datetime(2026, 3, day, 12, tzinfo=UTC))

    def change(self, **values: Any) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Schedule).values(**values))

    def end_newest(self, state: RunState, error: str | None = None) -> None:
        with self.sessions.begin() as session:
            newest = session.scalars(select(Run.id).order_by(Run.scheduled_for.desc()).limit(1)).one()
            end_run(session, lock_run(session, newest), state, error)


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    text = ONE.replace("import Params, Pipeline", "import Cron, Params, Pipeline").replace(
        'period="month")',
        'period="day", timezone="America/New_York", schedules=[Cron("30 2 * * *", name="nightly")])',
    )
    (folder / "one.py").write_text(text)
    return Book(data_dir, folder)


def test_a_run_is_named_with_what_became_of_it(book: Book, command: Command) -> None:
    book.ring(2)
    book.end_newest(RunState.FAILED, "number: ValueError: none")

    lines = command("why", "nightly", "--at", "2026-03-02T18:00").stdout.splitlines()

    assert lines[0] == "one/nightly: At 02:30 every day, New York time"
    assert lines[1].startswith("Mon 2026-03-02 02:30:00 New York time: fired, run ")
    assert lines[1].endswith(" is failed: number: ValueError: none")
    assert lines[2] == "Next: Tue 2026-03-03 02:30:00 New York time."


def test_a_pause_is_told_with_all_that_it_covers(book: Book, command: Command) -> None:
    book.change(paused_at=BEGAN, paused_by="ada")
    book.ring(4)

    told = command("why", "one/nightly", "--at", "2026-03-03").stdout
    found = json.loads(command("why", "nightly", "--at", "2026-03-03", "--json").stdout)

    assert "Mon 2026-03-02 02:30:00 New York time: started no run: paused by ada." in told
    assert "The same goes for 4 instants from Sun 2026-03-01 02:30:00" in told
    assert found["instant"] == "2026-03-02T02:30:00-05:00"
    assert found["decision"]["cause"] == "paused"
    assert found["decision"]["count"] == 4
    assert found["next"] == "2026-03-03T02:30:00-05:00"


def test_a_time_that_clocks_jumped_over_is_told(book: Book, command: Command) -> None:
    book.ring(8)

    told = command("why", "nightly", "--at", "2026-03-08T18:00").stdout

    assert "Sun 2026-03-08 03:00:00 New York time: fired" in told
    assert "02:30 does not exist on 2026-03-08: clocks go from 02:00 to 03:00" in told


def test_an_instant_for_which_no_alarm_rang_is_told(book: Book, command: Command) -> None:
    book.ring(2)

    told = command("why", "nightly", "--at", "2026-03-04").stdout

    assert "Tue 2026-03-03 02:30:00 New York time: is due, and no alarm has rung for it yet" in told


def test_what_lies_ahead_and_what_was_before_is_told(book: Book, command: Command) -> None:
    ahead = command("why", "nightly", "--at", "2100-01-02").stdout
    before = command("why", "nightly", "--at", "2026-02-01").stdout

    assert "Fri 2100-01-01 02:30:00 New York time: is still to come." in ahead
    assert "No instant up to Sun 2026-02-01 00:00:00 New York time." in before


def test_a_decision_that_was_pruned_is_not_made_up(book: Book, command: Command) -> None:
    book.change(cursor=datetime(2026, 3, 10, tzinfo=UTC))

    assert "nothing stands in the book about it" in command("why", "nightly", "--at", "2026-03-05").stdout


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("weekly",), "no schedule 'weekly'"),
        (("one/nightli",), "did you mean 'one/nightly'"),
        (("nightly", "--at", "yesterday"), "--at 'yesterday': write a time such as"),
    ],
)
def test_a_wrong_word_is_one_line(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command("why", *words)

    assert refused.code == 2
    assert said in refused.line
