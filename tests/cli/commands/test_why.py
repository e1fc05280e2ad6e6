"""Why a schedule started a run, or none."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presstime.models import RunState
from tests.support.commands import Command
from tests.support.schedule_book import BEGAN, Book, with_schedule


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
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
    assert found["paused"] == {"by": "ada", "until": None}
    assert told.splitlines()[-1] == "Paused by ada."


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
