"""Backfills: which periods they take, how many runs at a time, and how they are held up. On both databases."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Calendar, Cron
from pipelines.backfills.control import (
    BackfillOver,
    cancel_backfill,
    pause_backfill,
    progress,
    resume_backfill,
)
from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make, plan
from pipelines.backfills.periods import BadStretch
from pipelines.loading.registry import Registry
from pipelines.params import ParamsRefused
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from pipelines.timetables.occurrences import Timetable
from presstime.models import Backfill, Intent, OutboxMessage, Rerun, Run, RunState, Trigger
from tests.support.runs.graphs import advanced, asked_of, done, tasks_of

Sessions = sessionmaker[Session]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = '''
"""One number."""

from datetime import timedelta
from pipelines import Params, Pipeline


class Asked(Params):
    origin: str = "LGA"


sales = Pipeline("sales", params=Asked, period="day", deadline=timedelta(hours=1), timezone="America/New_York")
bare = Pipeline("bare")


@sales.extract
def one(asked: Asked) -> int:
    return 1


@bare.extract
def two() -> int:
    return 2
'''


class Past:
    """A pipeline of days, and somebody who wants some of them made."""

    def __init__(self, sessions: Sessions, folder: Path) -> None:
        self.sessions = sessions
        self.path = folder / "sales.py"
        self.path.write_text(SOURCE)
        self.registry = Registry.load(folder, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with sessions.begin() as session:
            sync(session, self.registry, NOW)

    def make(self, first: str, last: str, pipeline: str = "sales", **asked: Any) -> UUID:
        wanted = BackfillRequest(first, last, asked.pop("params", {}), **asked)
        with self.sessions.begin() as session:
            made = make(session, self.registry.get(pipeline), wanted, "ada", NOW).id
            drive(session, made, self.registry.get, lambda _: [], NOW)
        return made

    def plan(self, first: str, last: str, **asked: Any) -> list[tuple[str, bool]]:
        with self.sessions() as session:
            found = plan(session, self.registry.get("sales"), BackfillRequest(first, last, {}, **asked), NOW)
        labels = [slot.interval.label for slot in found.slots]
        return list(zip(labels, found.started, strict=True))

    def drive(self, backfill: UUID) -> None:
        with self.sessions.begin() as session:
            drive(session, backfill, self.registry.get, lambda _: [], NOW)

    def run(self, interval: str, state: RunState | None = None) -> None:
        """One that was there before."""
        origin = Origin(Trigger.CLI)
        with self.sessions.begin() as session:
            loaded = self.registry.get("sales")
            request = request_run(loaded, params={}, interval=interval, as_of=NOW, origin=origin)
            made = submit(session, request, lambda _: [])
            session.flush()
            if state is not None:
                session.execute(update(Run).where(Run.id == made.id).values(state=state))

    def runs(self) -> list[Run]:
        with self.sessions() as session:
            return list(session.scalars(select(Run).order_by(Run.id)))

    def started(self) -> list[str | None]:
        return [run.interval_label for run in self.runs() if run.trigger is Trigger.BACKFILL]

    def end(self, run: Run) -> None:
        assert done(self.sessions, tasks_of(self.sessions, run.id, "one")[0])
        advanced(self.sessions, run.id)

    def woken(self) -> list[UUID | None]:
        """The backfills that the ends of runs ask to go on, as the publisher finds them."""
        rows = [row for row in asked_of(self.sessions) if row.intent is Intent.BACKFILL]
        with self.sessions.begin() as session:
            for row in rows:
                session.delete(session.get_one(OutboxMessage, row.id))
            return [session.get_one(Run, row.run_id).backfill_id for row in rows]

    def row(self, backfill: UUID) -> Backfill:
        with self.sessions() as session:
            return session.get_one(Backfill, backfill)

    def progress(self, backfill: UUID) -> dict[str, int]:
        with self.sessions() as session:
            return {name: count for name, count in progress(session, backfill).items() if count}


@pytest.fixture
def past(sessions: Sessions, tmp_path: Path) -> Past:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    return Past(sessions, folder)


def test_as_many_runs_are_under_way_as_may_and_each_end_starts_the_next(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-04", max_active=2)
    assert past.started() == ["2026-11-01", "2026-11-02"]

    past.end(past.runs()[1])
    assert past.woken() == [backfill]
    past.drive(backfill)
    past.drive(backfill)

    assert past.started() == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert past.progress(backfill) == {"pending": 1, "queued": 2, "succeeded": 1}


def test_it_is_finished_when_its_last_run_is(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-03", max_active=1)
    for _ in range(3):
        assert past.row(backfill).state == "running"
        past.end(past.runs()[-1])
        for one in past.woken():
            assert one is not None
            past.drive(one)

    assert past.row(backfill).state == "finished"
    assert past.row(backfill).finished_at == NOW
    assert past.progress(backfill) == {"succeeded": 3}


def test_its_runs_know_their_period_and_the_instant_that_they_would_have_been_of(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-01", params={"origin": "JFK"})
    (run,) = past.runs()

    assert (run.backfill_id, run.trigger, run.actor) == (backfill, "backfill", "ada")
    assert run.interval_start == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert run.as_of == run.interval_end == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert run.params == {"origin": "JFK"}
    assert run.deadline_at == datetime(2026, 11, 21, 13, tzinfo=UTC)


def test_the_newest_comes_first_when_it_is_asked_for(past: Past) -> None:
    past.make("2026-11", "2026-11-20", max_active=2, newest_first=True)

    assert past.started() == ["2026-11-20", "2026-11-19"]


def test_periods_that_are_not_over_are_left_alone(past: Past) -> None:
    """The twenty-first lasts until five o'clock of the twenty-second in UTC."""
    assert [label for label, _ in past.plan("2026-11-19", "2026-12")] == ["2026-11-19", "2026-11-20"]


@pytest.mark.parametrize(
    ("rerun", "wanted"),
    [
        (Rerun.MISSING, ["2026-11-01"]),
        (Rerun.FAILED, ["2026-11-01", "2026-11-02", "2026-11-03"]),
        (Rerun.ALL, ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]),
    ],
)
def test_periods_that_had_a_run_get_another_only_when_that_is_asked_for(
    past: Past, rerun: Rerun, wanted: list[str]
) -> None:
    past.run("2026-11-02", RunState.FAILED)
    past.run("2026-11-03", RunState.CANCELLED)
    past.run("2026-11-04", RunState.SUCCEEDED)
    past.run("2026-11-05")  # under way

    assert [label for label, starts in past.plan("2026-11-01", "2026-11-05", rerun=rerun) if starts] == wanted
    backfill = past.make("2026-11-01", "2026-11-05", rerun=rerun, max_active=9)

    assert past.started() == wanted
    assert past.progress(backfill)["left_out"] == 5 - len(wanted)


def test_a_run_with_other_parameters_is_not_the_same(past: Past) -> None:
    past.run("2026-11-01", RunState.SUCCEEDED)
    past.make("2026-11-01", "2026-11-01", params={"origin": "JFK"})

    assert past.started() == ["2026-11-01"]


def test_what_was_made_meanwhile_is_not_made_again(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-02", max_active=1)
    past.run("2026-11-02", RunState.SUCCEEDED)
    past.end(past.runs()[0])
    past.drive(backfill)

    assert past.started() == ["2026-11-01"]
    assert past.row(backfill).state == "finished"


def test_a_schedule_brings_its_days_and_its_parameters(past: Past) -> None:
    """Of the days from the nineteenth to the twenty-third of October; it rests on weekends."""
    cron = Cron("0 6 * * *", name="workdays", calendar=Calendar(), params={"origin": "EWR"})
    past.make(
        "2026-10-15",
        "2026-10-20",
        max_active=9,
        timetable=Timetable(cron, "America/New_York"),
        schedule="workdays",
    )

    assert past.started() == ["2026-10-15", "2026-10-18", "2026-10-19", "2026-10-20"]
    assert {run.params["origin"] for run in past.runs()} == {"EWR"}
    assert past.runs()[0].as_of == datetime(2026, 10, 16, 10, tzinfo=UTC)


def test_a_pause_holds_what_has_not_started_and_a_resume_lets_it_go_on(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-02", max_active=1)
    with past.sessions.begin() as session:
        pause_backfill(session, backfill)
    past.end(past.runs()[0])
    past.drive(backfill)
    assert past.started() == ["2026-11-01"]

    with past.sessions.begin() as session:
        resume_backfill(session, backfill)
    past.drive(backfill)

    assert past.started() == ["2026-11-01", "2026-11-02"]


def test_a_cancel_ends_its_runs_and_starts_no_more(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-05", max_active=2)
    with past.sessions.begin() as session:
        cancel_backfill(session, backfill, "bob", NOW)
    past.drive(backfill)

    assert past.progress(backfill) == {"cancelled": 2, "pending": 3}
    assert (past.row(backfill).state, past.row(backfill).reason) == ("cancelled", "cancelled by bob")
    with pytest.raises(BackfillOver, match="is cancelled"), past.sessions.begin() as session:
        resume_backfill(session, backfill)


def test_a_failed_run_holds_nothing_up(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-02", max_active=1)
    with past.sessions.begin() as session:
        end_run(session, lock_run(session, past.runs()[0].id), RunState.FAILED, "the site is down")
    for one in past.woken():
        assert one is not None
        past.drive(one)

    assert past.progress(backfill) == {"failed": 1, "queued": 1}


def test_a_backfill_whose_pipeline_is_gone_pauses_and_says_why(past: Past) -> None:
    backfill = past.make("2026-11-01", "2026-11-02", max_active=1)
    past.end(past.runs()[0])
    past.path.write_text(SOURCE.replace('origin: str = "LGA"', "destination: str"))
    past.registry.refresh()
    past.drive(backfill)

    row = past.row(backfill)
    assert row.state == "paused"
    assert row.reason is not None
    assert "'origin'" in row.reason


@pytest.mark.parametrize(
    ("pipeline", "first", "last", "params", "error", "said"),
    [
        ("sales", "2026-11-05", "2026-11-01", {}, BadStretch, "ends before"),
        ("sales", "2026-12-01", "2026-12-31", {}, BadStretch, "no whole day that is over"),
        ("sales", "soon", "2026-11-01", {}, BadStretch, "'soon' is not one of"),
        ("sales", "1950", "2025", {}, BadStretch, "more than 10,000 periods"),
        ("sales", "2026-11-01", "2026-11-01", {"x": 1}, ParamsRefused, "'x'"),
        ("bare", "2026-11-01", "2026-11-01", {}, BadStretch, "has no period"),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_nothing(  # noqa: PLR0917 # what is asked and what is said
    past: Past,
    pipeline: str,
    first: str,
    last: str,
    params: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        past.make(first, last, pipeline, params=params)

    with past.sessions() as session:
        assert session.scalars(select(Backfill)).all() == []
