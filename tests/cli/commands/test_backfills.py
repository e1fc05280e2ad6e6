"""Backfills made, shown and held up on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from presstime.models import RunState
from tests.support.commands import Command
from tests.support.schedule_book import Book, with_schedule

DAYS = ("--from", "2026-01-01", "--to", "2026-01-04")


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
    return Book(data_dir, folder)


def made(command: Command, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(command("backfill", *words, "--json").stdout)
    return document


@pytest.mark.usefixtures("book")
def test_a_dry_run_names_the_periods_and_makes_nothing(command: Command) -> None:
    told = command("backfill", "one", *DAYS, "--dry-run", "--newest-first")
    document = made(command, "one", *DAYS, "--dry-run")

    assert told.stdout.split() == ["2026-01-04", "2026-01-03", "2026-01-02", "2026-01-01"]
    assert told.line == "4 of 4 periods would get a run; nothing was started"
    assert document == {"runs": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"], "left_out": []}
    assert json.loads(command("backfills", "list", "--json").stdout) == []


@pytest.mark.usefixtures("book")
def test_a_backfill_starts_as_many_runs_as_it_may(command: Command) -> None:
    document = made(command, "one", *DAYS, "--max-active", "2", "--param", "seconds=2")
    (listed,) = json.loads(command("backfills", "list", "--json").stdout)
    (run, *_) = json.loads(command("runs", "--json").stdout)

    assert document == listed
    assert {name: count for name, count in document["progress"].items() if count} == {
        "pending": 2,
        "queued": 2,
    }
    assert document["params"] == {"seconds": 2.0}
    assert (run["trigger"], run["interval"]["label"]) == ("backfill", "2026-01-02")
    shown = command("backfills", "show", document["id"][:13])
    assert shown.stdout == f"{document['id']} running: 2 pending, 2 queued; 4 in all\n"
    assert "presstime up" in shown.line


@pytest.mark.usefixtures("book")
def test_a_schedule_brings_its_days(command: Command) -> None:
    command("schedule", "create", "one", "mondays", "--cron", "0 6 * * mon", "--param", "seconds=3")

    document = made(command, "one/mondays", "--from", "2026-01", "--to", "2026-01", "--dry-run")
    started = made(command, "one/mondays", "--from", "2026-01", "--to", "2026-01")

    assert document["runs"] == ["2026-01-04", "2026-01-11", "2026-01-18", "2026-01-25"]
    assert (started["schedule"], started["params"]) == ("mondays", {"seconds": 3.0})


def test_what_had_its_run_is_left_out_until_it_is_asked_for(command: Command, book: Book) -> None:
    made(command, "one", "--from", "2026-01-01", "--to", "2026-01-01")
    book.end_newest(RunState.FAILED, "the site is down")

    assert made(command, "one", *DAYS, "--dry-run")["left_out"] == ["2026-01-01"]
    assert made(command, "one", *DAYS, "--rerun", "failed", "--dry-run")["left_out"] == []


@pytest.mark.usefixtures("book")
def test_a_backfill_is_paused_resumed_and_cancelled(command: Command) -> None:
    backfill = made(command, "one", *DAYS, "--max-active", "1")["id"]

    assert " paused (paused by " in command("backfills", "pause", backfill).stdout
    assert "was to be running for this" in command("backfills", "pause", backfill).line
    assert " running: 3 pending, 1 queued" in command("backfills", "resume", backfill).stdout
    assert " cancelled (cancelled by " in command("backfills", "cancel", backfill).stdout
    assert "3 pending, 1 cancelled" in command("backfills", "list").stdout


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backfill", "one", "--from", "2026-02", "--to", "2026-01"), "ends before"),
        (("backfill", "one", "--from", "then", "--to", "2026-01"), "interval 'then' is not one of"),
        (("backfill", "two", *DAYS), "pipeline 'two' is unknown"),
        (("backfill", "one/weekly", *DAYS), "no schedule 'one/weekly'"),
        (("backfill", "one", *DAYS, "--rerun", "some"), "not one of missing, failed, all"),
        (("backfill", "one", *DAYS, "--param", "x=1"), "parameter 'x'"),
        (("backfills", "show", "0195"), "no backfill 0195"),
        (("backfills", "cancel", "nothing"), "no backfill nothing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command(*words)

    assert refused.code == 2
    assert said in refused.line
