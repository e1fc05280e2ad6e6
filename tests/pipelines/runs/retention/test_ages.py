"""What goes at which age, and what stays for a reason. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from pipelines.runs.retention.policy import Reason
from presstime.database import table_of
from presstime.models import (
    Decision,
    Delay,
    FailedAttempt,
    Firing,
    Heartbeat,
    IdempotencyKey,
    Lateness,
    Run,
    RunState,
    Schedule,
    Task,
)
from tests.support.runs.past import KEEP, Past, id_at


def test_results_events_and_runs_go_each_at_its_age(past: Past) -> None:
    newest, young, middle, old, oldest = (past.run(days) for days in (0, 13, 20, 100, 400))

    past.prune()

    assert past.with_frames() == {newest, young}
    assert past.with_events() == {newest, young, middle}
    assert past.runs() == {newest, young, middle, old}
    assert oldest not in past.runs()


def test_logs_and_tracebacks_go_with_the_events(past: Past) -> None:
    past.run(0)
    run_id = past.run(100)
    with past.sessions.begin() as session:
        task_id = session.scalars(select(Task.id).where(Task.run_id == run_id)).first()
        session.execute(update(Task).where(Task.run_id == run_id).values(traceback="Traceback: secret"))
        values = {"error": "ValueError: no", "error_type": "ValueError", "log": "a line", "traceback": "T"}
        session.add(FailedAttempt(task_id=task_id, attempt=1, ended_at=past.now, **values))

    past.prune()

    with past.sessions() as session:
        tasks = session.execute(select(Task.log, Task.traceback).where(Task.run_id == run_id)).all()
        assert set(tasks) == {(None, None)}
        (failed,) = session.scalars(select(FailedAttempt)).all()
        assert (failed.error, failed.log, failed.traceback) == ("ValueError: no", None, None)


def test_zero_days_are_for_ever(past: Past) -> None:
    past.run(0)
    old = past.run(4000, fetched=[b"a page"])
    before = past.inventory()

    tally = past.prune(replace(KEEP, frames_days=0, events_days=0, runs_days=0))

    assert (past.inventory(), +tally.counts) == (before, {})
    past.prune(replace(KEEP, frames_days=0, events_days=0, runs_days=5000))
    assert old in past.with_frames() & past.with_events()
    past.prune(replace(KEEP, frames_days=0, events_days=0, runs_days=3000))
    assert old not in past.with_frames() | past.runs()


def test_the_newest_runs_of_each_pipeline_stay_whatever_their_age(past: Past) -> None:
    sales = [past.run(500 + day) for day in range(5)]
    stock = [past.run(900 + day, pipeline="stock") for day in range(3)]

    tally = past.prune(replace(KEEP, runs_count=2))

    assert past.runs() == {*sales[:2], *stock[:2]}
    assert past.with_frames() == {sales[0], stock[0]}, "of the newest success results stay too"
    assert (tally.kept[Reason.COUNT], tally.kept[Reason.NEWEST]) == (2, 2)


def test_the_newest_success_stays_whole_when_only_failures_follow(past: Past) -> None:
    success = past.run(800, report=b"the last good one", fetched=[b"its page"])
    failures = [past.run(800 - day, state=RunState.FAILED) for day in (1, 2, 3)]

    past.prune()

    assert past.runs() == past.with_frames() == past.with_events() == {success}
    assert past.files() == {b"the last good one", b"its page"}
    assert not set(failures) & past.runs()


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_run_that_is_not_over_stays_with_its_results(past: Past, state: RunState) -> None:
    past.run(0)
    stuck = past.run(800, state=state)

    tally = past.prune()

    assert stuck in past.runs() & past.with_frames() & past.with_events()
    assert tally.kept[Reason.UNFINISHED] == 1


def test_what_was_tried_again_lately_is_as_old_as_its_end(past: Past) -> None:
    past.run(0)
    retried = past.run(5, made=500)

    past.prune()

    assert retried in past.runs() & past.with_frames() & past.with_events()


def test_a_run_stays_while_one_that_stays_builds_on_it(past: Past) -> None:
    before = past.run(402, fetched=[b"before"])
    base = past.run(401, fetched=[b"base"], pins={"figures": {"run": str(before)}})
    builds = past.run(1, pins={"figures": {"run": base.hex}})

    tally = past.prune()

    assert past.runs() == past.with_frames() == {base, builds}, "but not what it was built on in its time"
    assert tally.kept[Reason.PINNED] == 1
    assert past.files() == {b"base"}


def test_a_pinned_run_goes_when_nothing_that_stays_builds_on_it(past: Past) -> None:
    newest = past.run(0)
    base = past.run(402)
    past.run(401, pins={"figures": {"run": str(base)}})

    past.prune()

    assert past.runs() == {newest}


def test_of_old_runs_that_others_name_only_the_names_go(past: Past) -> None:
    old = past.run(400, report=b"first")
    new = past.run(0, report=b"second")
    with past.sessions.begin() as session:
        session.execute(update(Run).where(Run.id == new).values(rerun_of=old))

    past.prune()

    with past.sessions() as session:
        assert session.execute(select(Run.id, Run.rerun_of)).all() == [(new, None)]


def test_firings_go_with_their_runs_and_keys_and_heartbeats_at_their_own_age(past: Past) -> None:
    new, old = past.run(0), past.run(400)
    schedule = id_at(past.now)
    with past.sessions.begin() as session:
        session.execute(insert(table_of(Schedule)), [a_schedule(schedule, past)])
        for days, run_id in ((500, None), (400, old), (399, new), (1, None)):
            session.add(a_firing(schedule, past, days, run_id))
        for days, run_id in ((400, new), (1, None)):
            session.add(a_late_one(schedule, past, days, run_id))
        for key, run_id in (("used lately", new), ("used long ago", old)):
            session.add(IdempotencyKey(key=key, request_sha256="0" * 64, run_id=run_id, created_at=past.now))
        for process, hours in (("alive", 12), ("gone", 48)):
            seen = past.now - timedelta(hours=hours)
            beat = {"kind": "keeper", "host": "here", "pid": 1, "started_at": seen, "seen_at": seen}
            session.add(Heartbeat(process=process, detail={}, **beat))

    dry, real = past.prune(dry=True), past.prune()

    assert dry.counts == real.counts
    assert (real.counts["firings"], real.counts["lateness"]) == (2, 1)
    with past.sessions() as session:
        assert session.scalars(select(Lateness.run_id)).all() == [None]
        assert set(session.scalars(select(Firing.run_id))) == {new, None}
        assert session.scalars(select(IdempotencyKey.key)).all() == ["used lately"]
        assert session.scalars(select(Heartbeat.process)).all() == ["alive"]


def a_schedule(schedule_id: object, past: Past) -> dict[str, object]:
    return {
        "id": schedule_id,
        "pipeline": "sales",
        "name": "daily",
        "spec": {},
        "timezone": "UTC",
        "version": 1,
        "cursor": past.now,
        "created_at": past.now,
        "updated_at": past.now,
    }


def a_late_one(schedule_id: object, past: Past, days: int, run_id: object) -> Lateness:
    instant = past.now - timedelta(days=days)
    return Lateness(
        id=id_at(instant),
        schedule_id=schedule_id,
        instant=instant,
        last_instant=instant,
        count=1,
        deadline=instant,
        delay=Delay.UNFINISHED,
        run_id=run_id,
        noticed_at=past.now,
    )


def a_firing(schedule_id: object, past: Past, days: int, run_id: object) -> Firing:
    instant = past.now - timedelta(days=days)
    return Firing(
        id=id_at(instant),
        schedule_id=schedule_id,
        instant=instant,
        last_instant=instant,
        count=1,
        decision=Decision.FIRED if run_id else Decision.SKIPPED,
        run_id=run_id,
        decided_at=instant,
    )
