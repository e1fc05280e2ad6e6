"""Schedules that stand in code, and that nothing has served yet, on the command line."""

import json
from pathlib import Path

import pytest

from tests.support.commands import Command
from tests.support.schedule_book import with_schedule

JANUARY = ("--from", "2026-01", "--to", "2026-01")


@pytest.fixture(autouse=True)
def declared(folder: Path) -> None:
    with_schedule(folder)


def listed(command: Command) -> list[str]:
    return [one["schedule"] for one in json.loads(command("schedule", "list", "--json").stdout)]


@pytest.mark.parametrize("name", ["nightly", "one/nightly"])
def test_a_schedule_is_paused_before_anything_has_served_it(command: Command, name: str) -> None:
    paused = json.loads(command("schedule", "pause", name, "--until", "2100-01-01", "--json").stdout)

    assert paused["paused"]["until"] == "2100-01-01T05:00:00Z"
    assert paused["declared"] is True
    assert command("schedule", "resume", name).code == 0
    assert listed(command) == ["one/nightly"]


def test_a_schedule_is_fired_before_anything_has_served_it(command: Command) -> None:
    assert json.loads(command("schedule", "fire", "nightly", "--json").stdout)["state"] == "queued"


def test_a_schedule_is_changed_before_anything_has_served_it(command: Command) -> None:
    edit = ("schedule", "edit", "nightly", "--cron", "30 3 * * *", "--json")

    assert json.loads(command(*edit, "--dry-run").stdout)["saved"] is False
    assert listed(command) == []
    assert json.loads(command(*edit).stdout)["now"]["overrides"]["expression"] == "30 3 * * *"
    assert listed(command) == ["one/nightly"]


def test_a_schedule_is_backfilled_before_anything_has_served_it(command: Command) -> None:
    planned = json.loads(command("backfill", "one/nightly", *JANUARY, "--dry-run", "--json").stdout)
    assert listed(command) == []
    made = json.loads(command("backfill", "one/nightly", *JANUARY, "--json").stdout)

    assert len(planned["runs"]) == sum(made["progress"].values()) > 0


def test_a_look_at_a_schedule_makes_no_row_from_which_runs_would_be_missed(command: Command) -> None:
    shown = command("schedule", "show", "nightly")
    why = command("why", "nightly")

    assert "At 02:30 every day, New York time" in shown.stdout
    assert why.stdout.startswith("one/nightly: At 02:30 every day, New York time\nNo instant up to ")
    assert listed(command) == []


def test_what_code_declares_is_not_deleted_before_anything_has_served_it(command: Command) -> None:
    assert "declared in the code of its pipeline" in command("schedule", "delete", "nightly").line


def test_a_schedule_that_code_came_to_declare_since_it_was_served_is_found(
    command: Command, folder: Path
) -> None:
    command("schedule", "create", "one", "extra", "--every", "1d")
    (folder / "one.py").write_text((folder / "one.py").read_text().replace('"nightly"', '"late"'))

    assert command("schedule", "pause", "late").code == 0


def test_pipelines_that_others_serve_stay_as_they_are(command: Command, folder: Path) -> None:
    command("schedule", "create", "one", "extra", "--every", "1d")
    (folder / "one.py").rename(folder / "two.py")
    text = (folder / "two.py").read_text()
    (folder / "two.py").write_text(text.replace('"one"', '"two"').replace('"nightly"', '"weekly"'))

    assert command("schedule", "pause", "weekly").code == 0
    assert {"one/extra", "one/nightly", "two/weekly"} < set(listed(command))


def test_a_name_that_two_pipelines_declare_is_refused(command: Command, folder: Path) -> None:
    (folder / "two.py").write_text((folder / "one.py").read_text().replace('"one"', '"two"'))

    refused = command("schedule", "pause", "nightly")

    assert refused.code == 2
    assert "several schedules are called 'nightly': one/nightly, two/nightly" in refused.line
    assert listed(command) == []


def test_a_name_that_nobody_declares_is_refused(command: Command) -> None:
    assert "no schedule 'weekly'" in command("schedule", "pause", "weekly").line
