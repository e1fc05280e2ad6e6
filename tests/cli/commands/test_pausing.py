"""Schedules listed, paused and resumed on the command line."""

import json
from datetime import datetime
from getpass import getuser
from pathlib import Path

import pytest

from presstime.clock import utc_now
from tests.support.commands import Command
from tests.support.schedule_book import Book, with_schedule


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
    return Book(data_dir, folder)


@pytest.mark.usefixtures("book")
def test_schedules_are_listed_in_words_with_their_next_run(command: Command) -> None:
    (found,) = json.loads(command("schedule", "list", "--json").stdout)
    lines = command("schedule", "list").stdout.splitlines()

    assert found["schedule"] == "one/nightly"
    assert found["description"] == "At 02:30 every day, New York time"
    assert datetime.fromisoformat(found["next"]) > utc_now()
    assert found["paused"] is None
    assert lines[1].startswith("one/nightly  At 02:30 every day, New York time  ")
    assert json.loads(command("schedule", "list", "--pipeline", "two", "--json").stdout) == []


@pytest.mark.usefixtures("book")
def test_a_pause_holds_until_it_is_resumed(command: Command) -> None:
    assert command("schedule", "pause", "nightly").stdout == f"one/nightly: paused by {getuser()}\n"
    (paused,) = json.loads(command("schedule", "list", "--json").stdout)
    assert (paused["paused"]["by"], paused["paused"]["until"], paused["next"]) == (getuser(), None, None)

    resumed = json.loads(command("schedule", "resume", "one/nightly", "--json").stdout)

    assert resumed["paused"] is None
    assert resumed["next"] is not None
    assert command("schedule", "resume", "nightly").line == "presstime: schedule 'one/nightly' is not paused"


@pytest.mark.usefixtures("book")
def test_a_pause_until_a_time_says_what_comes_behind_it(command: Command) -> None:
    told = command("schedule", "pause", "nightly", "--until", "2100-01-01", "--reason", "moving").stdout

    assert told == f"one/nightly: paused by {getuser()} (moving), then Fri 2100-01-01 02:30\n"


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pause", "nightly", "--until", "2020-01-01"), "would be over already"),
        (("pause", "nightly", "--until", "soon"), "--until 'soon': write a time such as"),
        (("pause", "weekly"), "no schedule 'weekly'"),
        (("resume", "nightly"), "is not paused"),
    ],
)
def test_what_cannot_be_done_is_one_line(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command("schedule", *words)

    assert refused.code == 2
    assert said in refused.line


def test_without_schedules_the_list_says_where_they_come_from(command: Command) -> None:
    ended = command("schedule", "list")

    assert ended.code == 0
    assert "`presstime up` reads them from the pipelines" in ended.line
