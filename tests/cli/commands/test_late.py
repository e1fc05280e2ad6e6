"""What was late, on the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.schedules.lateness import judge
from presstime.models import Schedule
from tests.support.commands import Command
from tests.support.schedule_book import Book, with_schedule


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
    text = (folder / "one.py").read_text()
    policy = 'name="nightly", by=__import__("datetime").time(4)'
    (folder / "one.py").write_text(text.replace('name="nightly"', policy))
    return Book(data_dir, folder)


def look(book: Book, day: int) -> None:
    with book.sessions.begin() as session:
        judge(session, session.scalars(select(Schedule.id)).one(), datetime(2026, 3, day, 12, tzinfo=UTC))


def test_what_was_late_is_listed_with_why_and_what_came_of_it(command: Command, book: Book) -> None:
    look(book, 2)
    book.ring(3)
    look(book, 3)
    newest, oldest = json.loads(command("late", "--json").stdout)
    lines = command("late").stdout.splitlines()

    assert (newest["delay"], newest["run_state"]) == ("unfinished", "queued")
    assert (oldest["delay"], oldest["run_id"], oldest["count"]) == ("undecided", None, 2)
    assert (newest["first"], newest["deadline"]) == ("2026-03-03T02:30:00-05:00", "2026-03-03T04:00:00-05:00")
    assert lines[2].split("  ")[1].startswith("Sun 2026-03-01 02:30 to Mon 2026-03-02 02:30 (2)")
    assert lines[2].rstrip().endswith("undecided: no alarm had rung")
    assert json.loads(command("late", "--pipeline", "two", "--json").stdout) == []


def test_when_nothing_was_late_it_says_how_to_set_a_deadline(command: Command) -> None:
    assert "deadlines are set with by= in code, or --by" in command("late").line
