"""What schedules will do, on the command line."""

import json
from pathlib import Path

import pytest

from tests.support.commands import ONE, Command


@pytest.fixture
def scheduled(folder: Path) -> None:
    text = ONE.replace("import Params, Pipeline", "import Cron, Params, Pipeline").replace(
        'period="month")',
        'period="month", timezone="America/New_York", schedules=[Cron("0 6 1 * *", name="monthly")])',
    )
    (folder / "one.py").write_text(text)


def test_the_next_instants_of_a_cron_line_come_as_iso_times_with_offset(command: Command) -> None:
    words = (
        "--cron",
        "30 2 * * *",
        "--zone",
        "America/New_York",
        "--from",
        "2026-03-07",
        "-n",
        "3",
        "--json",
    )

    ended = command("schedule", "next", *words)

    assert ended.code == 0
    assert json.loads(ended.stdout) == [
        "2026-03-07T02:30:00-05:00",
        "2026-03-08T03:00:00-04:00",
        "2026-03-09T02:30:00-04:00",
    ]


def test_people_read_local_time_utc_and_what_is_odd(command: Command) -> None:
    words = ("--cron", "30 2 * * *", "--zone", "America/New_York", "--from", "2026-03-07", "-n", "2")

    lines = command("schedule", "next", *words).stdout.splitlines()

    assert lines[0] == "At 02:30 every day, New York time"
    assert lines[2].split() == ["Sat", "2026-03-07", "02:30:00", "-05:00", "2026-03-07", "07:30:00"]
    assert lines[3].endswith("02:30 does not exist on 2026-03-08: clocks go from 02:00 to 03:00")


def test_closed_days_are_shown_and_left_out_of_the_json(command: Command, tmp_path: Path) -> None:
    (tmp_path / "closed.txt").write_text("2026-07-06\n")
    words = ("--cron", "0 6 * * *", "--country", "US", "--from", "2026-07-02T12:00", "-n", "1")
    own = ("--closed-file", str(tmp_path / "closed.txt"))

    told = command("schedule", "next", *words).stdout
    instants = command("schedule", "next", *words, *own, "--json").stdout
    moved = command("schedule", "next", *words, "--on-closed", "previous", "--json").stdout

    assert "left out: Independence Day (observed)" in told
    assert json.loads(instants) == ["2026-07-07T06:00:00+00:00"]
    assert json.loads(moved) == ["2026-07-06T06:00:00+00:00"]


def test_several_lines_an_interval_and_a_single_time(command: Command) -> None:
    def instants(*words: str) -> list[str]:
        found: list[str] = json.loads(
            command("schedule", "next", *words, "--from", "2026-01-01", "--json").stdout
        )
        return found

    assert instants("--cron", "0 6 * * *", "--cron", "0 18 * * *", "-n", "2") == [
        "2026-01-01T06:00:00+00:00",
        "2026-01-01T18:00:00+00:00",
    ]
    assert instants("--every", "1h30m", "-n", "1") == ["2026-01-01T01:30:00+00:00"]
    for noon in ("2026-05-01T12:00", "2026-05-01T10:00Z"):
        assert instants("--at", noon, "--zone", "Europe/Berlin") == ["2026-05-01T12:00:00+02:00"]


@pytest.mark.usefixtures("scheduled")
def test_a_schedule_of_the_code_is_shown_with_its_intervals(command: Command) -> None:
    told = command("schedule", "next", "monthly", "--from", "2026-01-15", "-n", "2").stdout.splitlines()

    assert told[0] == "At 06:00 on the first day of every month, New York time"
    assert [line.split()[-1] for line in told[2:]] == ["2026-01", "2026-02"]
    assert command("schedule", "next", "one/monthly", "-n", "1", "--json").code == 0
    assert "has its own zone and calendar" in command("schedule", "next", "monthly", "--zone", "UTC").line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a schedule, or describe one with --cron, --every or --at"),
        (("monthly", "--cron", "* * * * *"), "not both"),
        (("nightly",), "no schedule 'nightly'"),
        (("--cron", "0 25 * * *"), "hour '25' is not 0 to 23"),
        (("--cron", "* * * * *", "--zone", "Europe/Berln"), "did you mean 'Europe/Berlin'"),
        (("--cron", "* * * * *", "--every", "1h"), "exactly one of --cron"),
        (("--every", "often"), "write a duration such as 90s, 15m"),
        (("--every", "0s"), "shorter than one second"),
        (("--at", "noon"), "--at 'noon': write a time such as"),
        (("--cron", "* * * * *", "--from", "tomorrow"), "--from 'tomorrow': write a time such as"),
        (("--cron", "* * * * *", "--region", "NY"), "region='NY' and no country="),
        (("--cron", "* * * * *", "--on-closed", "move"), "not one of skip, next, previous"),
        (("--cron", "* * * * *", "--closed-file", "absent.txt"), "absent.txt"),
    ],
)
def test_what_cannot_be_shown_is_one_line(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command("schedule", "next", *words)

    assert refused.code == 2
    assert refused.stdout == ""
    assert said in refused.line
