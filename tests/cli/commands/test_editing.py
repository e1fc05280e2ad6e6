"""Schedules made, changed, deleted and fired on the command line."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.support.commands import Command
from tests.support.schedule_book import Book, with_schedule


@pytest.fixture
def book(data_dir: Path, folder: Path) -> Book:
    with_schedule(folder)
    return Book(data_dir, folder)


@pytest.mark.usefixtures("book")
def test_a_schedule_is_made_with_all_that_it_can_have(command: Command) -> None:
    words = ("--cron", "0 6 * * mon", "--cron", "0 7 * * fri", "--zone", "Europe/Berlin", "--country", "DE")
    more = ("--param", "seconds=1.5", "--starts", "2026-01-01", "--ends", "2100-01-01", "--catch-up", "all")
    most = ("--grace", "1d", "--overlap", "skip", "--jitter", "5m", "--by", "07:30", "--stop-after", "3")

    made = json.loads(command("schedule", "create", "one", "weekly", *words, *more, *most, "--json").stdout)

    assert made["description"].startswith("At 06:00 on Monday; at 07:00 on Friday, Berlin time, not on")
    assert made["spec"]["params"] == {"seconds": "1.5"}
    assert (made["spec"]["starts"], made["spec"]["by"]) == ("2025-12-31T23:00:00Z", "07:30:00")
    assert (made["spec"]["grace"], made["spec"]["jitter"]) == ("P1D", "PT5M")
    assert (made["spec"]["catch_up"], made["spec"]["overlap"]) == ("all", "skip")
    assert made["spec"]["stop_after"] == 3
    assert made["declared"] is False
    shown = command("schedule", "show", "weekly").stdout
    assert "an operator" in shown
    assert "finished by 07:30" in shown
    assert "seconds=1.5" in shown
    assert "missed by more than 1 day" in shown
    assert "3 failures in a row" in shown


@pytest.mark.usefixtures("book")
def test_a_schedule_is_made_before_anything_has_served_its_pipeline(command: Command, folder: Path) -> None:
    (folder / "two.py").write_text((folder / "one.py").read_text().replace('"one"', '"two"'))

    assert command("schedule", "create", "two", "hourly", "--every", "1h").stdout.startswith("two/hourly: ")


def test_an_edit_says_what_it_causes_before_it_is_saved(command: Command, book: Book) -> None:
    book.ring(2)
    told = command("schedule", "edit", "nightly", "--cron", "30 3 * * *", "--dry-run").stdout

    assert told.splitlines()[0] == "one/nightly: At 03:30 every day, New York time"
    assert told.splitlines()[-1] == "Nothing was changed."
    before, after = (column.split()[-1] for column in told.splitlines()[2].split("  "))
    assert (before, after) == ("02:30", "03:30")
    assert "02:30" in command("schedule", "show", "nightly").stdout


@pytest.mark.usefixtures("book")
def test_an_edit_is_saved_and_shown_as_one_until_it_is_dropped(command: Command) -> None:
    saved = json.loads(command("schedule", "edit", "nightly", "--cron", "30 3 * * *", "--json").stdout)

    assert saved["saved"] is True
    assert saved["now"]["overrides"] == {"kind": "cron", "expression": "30 3 * * *"}
    assert "changed by an operator" in command("schedule", "list").stdout
    shown = " ".join(command("schedule", "show", "nightly").stdout.split())
    assert "its code says: At 02:30 every day, New York time" in shown

    dropped = json.loads(command("schedule", "edit", "nightly", "--as-code", "--json").stdout)

    assert dropped["now"]["overrides"] is None
    assert dropped["now"]["description"] == "At 02:30 every day, New York time"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("typed", "said", "runs"), [("n", "Nothing was changed.", "02:30"), ("y", "Saved.", "03:30")]
)
def test_on_a_terminal_it_asks_before_it_saves(
    command: Command, monkeypatch: pytest.MonkeyPatch, typed: str, said: str, runs: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\n"))
    told = command("schedule", "edit", "nightly", "--cron", "30 3 * * *").stdout

    assert "Save? [y/N]" in told
    assert told.splitlines()[-1].endswith(said)
    assert f"At {runs}" in command("schedule", "show", "nightly").stdout


@pytest.mark.usefixtures("book")
def test_what_was_set_can_be_taken_away(command: Command) -> None:
    command("schedule", "edit", "nightly", "--grace", "1h", "--on-closed", "skip")
    cleared = json.loads(
        command("schedule", "edit", "nightly", "--clear", "grace", "--clear", "calendar", "--json").stdout
    )

    assert cleared["now"]["overrides"] is None
    assert "not one of zone, param" in command("schedule", "edit", "nightly", "--clear", "name").line


def test_a_fired_schedule_has_a_run_beside_its_own(command: Command, book: Book) -> None:
    fired = json.loads(command("schedule", "fire", "nightly", "--json").stdout)

    assert (fired["pipeline"], fired["state"]) == ("one", "queued")
    why = json.loads(command("why", "nightly", "--at", "2026-03-01T12:00", "--json").stdout)
    assert why["decision"] is None


@pytest.mark.usefixtures("book")
def test_only_what_an_operator_made_is_deleted(command: Command) -> None:
    command("schedule", "create", "one", "extra", "--every", "1d")

    assert command("schedule", "delete", "extra").stdout == "one/extra: deleted\n"
    assert "no schedule 'extra'" in command("schedule", "delete", "extra").line
    assert "declared in the code of its pipeline" in command("schedule", "delete", "nightly").line


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "one", "nightly", "--every", "1d"), "'one/nightly' exists"),
        (("create", "one", "extra"), "say when with exactly one of --cron"),
        (("create", "one", "extra", "--cron", "* * *"), "3 fields, not 5"),
        (("create", "one", "Extra!", "--every", "1d"), "Extra!"),
        (("create", "none", "extra", "--every", "1d"), "pipeline 'none' is unknown"),
        (("create", "one", "extra", "--every", "1d", "--param", "x=1"), "parameter 'x'"),
        (("create", "one", "extra", "--every", "1d", "--by", "soon"), "--by 'soon': write a time of day"),
        (
            ("create", "one", "extra", "--every", "1d", "--overlap", "beside"),
            "overlap='beside' is not one of",
        ),
        (("edit", "nightly"), "say what to change"),
        (("edit", "nightly", "--as-code"), "is as its code declares it"),
        (("edit", "nightly", "--cron", "61 * * * *"), "minute"),
        (("edit", "nightly", "--every", "1d", "--at", "2026-01-01"), "one of --cron"),
        (("edit", "weekly", "--every", "1d"), "no schedule 'weekly'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command("schedule", *words)

    assert refused.code == 2
    assert said in refused.line
