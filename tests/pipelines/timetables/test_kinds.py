import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines import Cron, Every, Once
from pipelines.loading.registry import Registry
from pipelines.timetables.calendars import Calendar
from pipelines.timetables.kinds import BadSchedule, Schedule, from_json, to_json
from pipelines.timetables.occurrences import Timetable

START = datetime(2026, 3, 7, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)
SCHEDULES: list[Schedule] = [
    Cron("0 6 1 * *", name="monthly"),
    Cron(["0 6 * * *", "0 18 * * 1-5"], name="twice", timezone="Asia/Tokyo", catch_up="all", overlap="skip"),
    Cron("@daily", name="daily", grace=timedelta(hours=2, microseconds=5)),
    Every(timedelta(hours=6), name="often"),
    Every(timedelta(seconds=90), name="anchored", anchor=datetime(2026, 1, 1, 7, tzinfo=UTC)),
    Once(datetime(2026, 3, 8, 12, tzinfo=UTC), name="launch", catch_up="none"),
    Cron(
        "0 6 * * *",
        name="everything",
        params={"origin": "JFK", "top": 5},
        starts=START,
        ends=END,
        calendar=Calendar(country="US", region="NY", weekend=("sat",), dates=(date(2026, 12, 24),)),
        jitter=timedelta(minutes=5),
    ),
]


def instants(schedule: Schedule, zone: str, after: datetime, until: datetime) -> list[datetime]:
    return [one.instant for one in Timetable(schedule, zone).occurrences(after, until)]


def next_instant(schedule: Schedule, zone: str, after: datetime) -> datetime | None:
    found = Timetable(schedule, zone).next(after)
    return found.instant if found else None


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_a_schedule_comes_back_equal_from_the_json_of_its_row(schedule: Schedule) -> None:
    assert from_json(json.loads(json.dumps(to_json(schedule)))) == schedule


def test_a_cron_line_runs_in_the_zone_of_the_schedule_or_else_of_the_pipeline() -> None:
    own = Cron("0 6 * * *", name="own", timezone="Europe/Berlin")
    pipelines = Cron("0 6 * * *", name="pipelines")

    assert next_instant(own, "America/New_York", START) == datetime(2026, 3, 7, 5, tzinfo=UTC)
    assert next_instant(pipelines, "America/New_York", START) == datetime(2026, 3, 7, 11, tzinfo=UTC)


def test_every_counts_whole_intervals_from_its_anchor_whatever_the_clocks_do() -> None:
    every = Every(timedelta(hours=12), name="half", anchor=datetime(2026, 1, 1, 7, tzinfo=UTC))

    found = instants(every, "America/New_York", START, END)

    assert [moment.hour for moment in found] == [7, 19, 7, 19]


def test_every_before_its_anchor_counts_backwards() -> None:
    every = Every(timedelta(days=1), name="daily", anchor=datetime(2030, 1, 1, 7, tzinfo=UTC))

    assert next_instant(every, "UTC", START) == datetime(2026, 3, 7, 7, tzinfo=UTC)


def test_an_instant_at_the_start_belongs_to_the_stretch_before() -> None:
    every = Every(timedelta(days=1), name="daily")

    assert (instants(every, "UTC", START, START + timedelta(days=1))) == [START + timedelta(days=1)]


def test_once_comes_once() -> None:
    once = Once(datetime(2026, 3, 8, 7, tzinfo=ZoneInfo("America/New_York")), name="launch")

    assert (instants(once, "UTC", START, END)) == [datetime(2026, 3, 8, 11, tzinfo=UTC)]
    assert next_instant(once, "UTC", END) is None


def test_two_stretches_give_what_one_gives() -> None:
    cron = Cron("*/20 * * * *", name="often")
    middle = START + timedelta(hours=31, minutes=7)

    parts = [*instants(cron, "Europe/Berlin", START, middle), *instants(cron, "Europe/Berlin", middle, END)]

    assert parts == (instants(cron, "Europe/Berlin", START, END))


def test_a_time_near_the_end_of_the_calendar_has_no_next_instant_instead_of_an_error() -> None:
    late = datetime(9990, 1, 1, tzinfo=UTC)

    assert next_instant(Once(START, name="past"), "UTC", late) is None


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        (
            Cron("0 25 * * *", name="bad"),
            "cron line '0 25 * * *': hour '25' is not 0 to 23, nor a list (1,2), range (1-5) or step (*/5) of it",
        ),
        (Cron((), name="bad"), "has no cron line"),
        (
            Cron("* * * * *", name="bad", timezone="Asia/Tokio"),
            "time zone 'Asia/Tokio' is not an IANA name such as 'Europe/Berlin', did you mean 'Asia/Tokyo'?",
        ),
        (
            Cron("* * * * *", name="Bad Name"),
            "name 'Bad Name' is not lower-case words joined by '-', such as 'daily-sales'",
        ),
        (
            Cron("* * * * *", name="bad", catch_up="some"),  # type: ignore[arg-type] # as an author without mypy
            "catch_up='some' is not one of 'latest', 'all', 'none'",
        ),
        (
            Cron("* * * * *", name="bad", overlap="kill"),  # type: ignore[arg-type] # as an author without mypy
            "overlap='kill' is not one of 'queue', 'skip', 'cancel_running', 'allow'",
        ),
        (
            Cron("* * * * *", name="bad", grace=timedelta(seconds=-1)),
            "grace=datetime.timedelta(days=-1, seconds=86399) is less than nothing",
        ),
        (
            Cron("* * * * *", name="bad", jitter=timedelta(seconds=-1)),
            "jitter=datetime.timedelta(days=-1, seconds=86399) is less than nothing",
        ),
        (
            Cron("* * * * *", name="bad", starts=END, ends=START),
            "ends=2026-03-07T00:00:00+00:00 is not after starts=2026-03-09T00:00:00+00:00",
        ),
        (
            Cron("* * * * *", name="bad", ends=datetime(2026, 1, 1)),  # noqa: DTZ001 # the mistake
            "ends=2026-01-01T00:00:00 has no time zone; give it one with tzinfo=",
        ),
        (
            Cron("* * * * *", name="bad", calendar=Calendar(country="Mars")),
            "calendar has country='Mars', which is not an ISO 3166 code with known holidays such as 'US'",
        ),
        (Every(timedelta(0), name="bad"), "interval datetime.timedelta(0) is shorter than one second"),
        (
            Every(timedelta(days=1), name="bad", anchor=datetime(2026, 1, 1)),  # noqa: DTZ001 # the mistake
            "anchor 2026-01-01T00:00:00 has no time zone; give it one with tzinfo=",
        ),
        (
            Once(datetime(2026, 1, 1), name="bad"),  # noqa: DTZ001 # the mistake
            "at=2026-01-01T00:00:00 has no time zone; give it one with tzinfo=",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_schedule_is_said(schedule: Schedule, problem: str) -> None:
    assert list(schedule.problems()) == [problem]
    with pytest.raises(BadSchedule, match="schedule "):
        next_instant(schedule, "UTC", START)


LENGTH = "a timedelta(minutes=5)"
INSTANT = "a datetime(2026, 3, 8, tzinfo=UTC)"


@pytest.mark.parametrize(
    ("kind", "fields", "problem"),
    [
        (Cron, {"by": "07:30"}, "by='07:30' is not a time(7, 30) nor a timedelta(hours=1)"),
        (Cron, {"by": 90}, "by=90 is not a time(7, 30) nor a timedelta(hours=1)"),
        (Cron, {"stop_after": "3"}, "stop_after='3' is not a whole number such as 3"),
        (Cron, {"stop_after": True}, "stop_after=True is not a whole number such as 3"),
        (Cron, {"grace": 5}, f"grace=5 is not {LENGTH}"),
        (Cron, {"jitter": "5m"}, f"jitter='5m' is not {LENGTH}"),
        (Cron, {"starts": "2026-03-08"}, f"starts='2026-03-08' is not {INSTANT}"),
        (Cron, {"ends": date(2026, 3, 8)}, f"ends=datetime.date(2026, 3, 8) is not {INSTANT}"),
        (Cron, {"params": "origin=JFK"}, "params='origin=JFK' is not a dict such as {'origin': 'JFK'}"),
        (Cron, {"params": None}, "params=None is not a dict such as {'origin': 'JFK'}"),
        (Cron, {"timezone": ["Asia/Tokyo"]}, "timezone=['Asia/Tokyo'] is not a name such as 'Europe/Berlin'"),
        (Cron, {"calendar": "US"}, "calendar='US' is not a Calendar(country='US')"),
        (Cron, {"expression": 6}, "cron line 6 is not text such as '0 6 * * *', nor a list of it"),
        (Cron, {"expression": [6]}, "cron line (6,) is not text such as '0 6 * * *', nor a list of it"),
        (Every, {"interval": "1h"}, f"interval='1h' is not {LENGTH}"),
        (Every, {"interval": None}, f"interval=None is not {LENGTH}"),
        (Every, {"anchor": time(7)}, f"anchor=datetime.time(7, 0) is not {INSTANT}"),
        (Once, {"at": "noon"}, f"at='noon' is not {INSTANT}"),
    ],
    ids=str,
)
def test_a_value_of_a_wrong_type_is_named_with_one_that_is_right(
    kind: type[Any], fields: dict[str, Any], problem: str
) -> None:
    first = {Cron: ("expression", "0 6 * * *"), Every: ("interval", timedelta(1)), Once: ("at", START)}[kind]

    assert list(kind(**dict([first]) | {"name": "bad"} | fields).problems()) == [problem]


def test_each_field_of_a_wrong_type_has_its_line() -> None:
    wrong: dict[str, Any] = {"by": "07:30", "grace": 5, "stop_after": "3"}

    found = [problem.partition(" ")[0] for problem in Cron("0 6 * * *", name="s1", **wrong).problems()]

    assert found == ["grace=5", "by='07:30'", "stop_after='3'"]


@pytest.mark.parametrize("wrong", ['params="x"', 'by="07:30"', "grace=5", "timezone={}"])
def test_a_pipeline_with_such_a_value_is_refused_at_the_line_that_declares_it(
    tmp_path: Path, wrong: str
) -> None:
    text = f"""from pipelines import Cron, Params, Pipeline
class Asked(Params):
    top: int = 1
p = Pipeline("p", params=Asked, schedules=[Cron("0 6 * * *", name="s1", {wrong})])
@p.extract
def one(asked: Asked) -> int:
    return 1
"""
    (tmp_path / "a.py").write_text(text)

    (problem,) = Registry.load(tmp_path, catalog=False, entry_points=False).problems

    assert f"a.py:4: schedule 's1': {wrong.partition('=')[0]}=" in str(problem)


def test_a_name_that_is_no_text_is_one_of_the_problems(tmp_path: Path) -> None:
    declared = 'p = Pipeline("p", schedules=[Cron("@daily", name=["s1"])])'
    step = "@p.extract\ndef one() -> int:\n    return 1\n"
    (tmp_path / "a.py").write_text(f"from pipelines import Cron, Pipeline\n{declared}\n{step}")

    (problem,) = Registry.load(tmp_path, catalog=False, entry_points=False).problems

    assert "a.py:2: schedule ['s1']: name ['s1'] is not lower-case words" in str(problem)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"kind": "sometimes", "name": "x"}, "kind 'sometimes' is not one of cron, every, once"),
        ({"kind": "every", "name": "x"}, "interval: Field required"),
        (
            {"kind": "cron", "name": "x", "expression": "* * * * *", "overlap": "kill"},
            "overlap: Input should be",
        ),
    ],
)
def test_a_stored_form_that_cannot_be_read_is_refused(spec: dict[str, object], reason: str) -> None:
    with pytest.raises(BadSchedule, match=reason):
        from_json(spec)
