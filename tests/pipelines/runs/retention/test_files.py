"""Files that something refers to stay, also while attempts come and go. On both databases and both stores."""

import os
import time
from pathlib import Path

from sqlalchemy import delete, update

from pipelines.graph import Node
from pipelines.runs.claims import Attempt
from pipelines.runs.complete import Failure, Result, fail, succeed
from pipelines.sources.snapshots import Recorder
from presstime.artifacts import trash_key
from presstime.clock import utc_now
from presstime.database import database_now
from presstime.models import File, Task
from presstime.models.base import Base
from presstime.sweeping import Size
from tests.support.runs.graphs import claimed, submitted, tasks_of
from tests.support.runs.past import Past

PAGE, OTHER = b"the same page", b"another page"


def attempt_of(past: Past) -> Attempt:
    """An attempt that begins now."""
    run_id = submitted(past.sessions, Node("fetch", "extract"))
    attempt = claimed(past.sessions, tasks_of(past.sessions, run_id, "fetch")[0])
    assert attempt is not None
    return attempt


def fetched(past: Past, *bodies: bytes) -> Result:
    """What an attempt has after it stored these answers: nothing of it is in SQL yet."""
    recorder = Recorder(past.artifacts, utc_now)
    for body in bodies:
        recorder.record("https://example.org", 200, "text/plain", None, body)
    return Result(snapshots=recorder.snapshots)


def recorded(past: Past, attempt: Attempt, result: Result) -> bool:
    with past.sessions.begin() as session:
        return succeed(session, attempt, result)


def test_a_file_that_any_run_refers_to_stays(past_anywhere: Past) -> None:
    past = past_anywhere
    past.run(400, report=b"report", fetched=[PAGE, OTHER, b"of the old run alone"])
    past.run(1, report=b"report", fetched=[PAGE])
    past.run(2, fetched=[OTHER])

    tally = past.prune()

    assert past.files() == {b"report", PAGE, OTHER}
    assert (tally.counts["files"], tally.bytes["files"]) == (1, len(b"of the old run alone"))
    assert (past.keys("trash"), past.broken()) == ([], [])


def test_an_attempt_that_saw_the_file_before_gets_it_back(past_anywhere: Past) -> None:
    past = past_anywhere
    past.run(0)
    past.run(400, fetched=[PAGE, OTHER])
    attempt = attempt_of(past)
    result = fetched(past, PAGE)

    tally = past.prune()

    assert (past.files(), tally.waiting) == (set(), Size(2, len(PAGE + OTHER)))
    assert recorded(past, attempt, result)
    assert past.broken() == [], "it is read from where it waits"
    after = past.prune(settled=past.database_time())
    assert (past.files(), past.keys("trash"), past.broken()) == ({PAGE}, [], [])
    assert (after.counts["files"], after.waiting) == (0, Size()), (
        "the other was counted when it was set aside"
    )


def test_an_attempt_that_comes_later_stores_the_file_anew(past_anywhere: Past) -> None:
    past = past_anywhere
    past.run(0)
    past.run(400, fetched=[PAGE])
    slow = attempt_of(past)
    past.prune()
    assert past.files() == set()
    later = attempt_of(past)

    result = fetched(past, PAGE)

    assert past.files() == {PAGE}
    with past.sessions.begin() as session:
        assert fail(session, slow, Failure("no", "ValueError"))
    past.prune(settled=past.database_time())
    assert recorded(past, later, result)
    past.prune(settled=past.database_time())
    assert (past.files(), past.keys("trash"), past.broken()) == ({PAGE}, [], [])


def test_who_began_after_it_was_set_aside_does_not_hold_it_up(past: Past) -> None:
    past.run(0)
    past.run(400, fetched=[PAGE])
    waiting = attempt_of(past)
    past.prune()
    with past.sessions.begin() as session:
        session.execute(update(Task).where(Task.id == waiting.task_id).values(started_at=database_now(-3600)))
    early = past.database_time()
    past.prune(settled=early)
    assert past.keys("trash"), "the one from before is under way still"
    with past.sessions.begin() as session:
        session.execute(update(Task).where(Task.id == waiting.task_id).values(started_at=database_now(3600)))

    past.prune(settled=early)

    assert past.keys("trash") == []


def test_a_move_that_broke_off_between_copy_and_deletion_is_finished(past_anywhere: Past) -> None:
    """As an S3 store does it: for a moment the object is in both places."""
    past = past_anywhere
    past.run(400, fetched=[PAGE])
    past.run(1, fetched=[OTHER])
    for key in past.keys("files"):
        with past.artifacts.draft(trash_key(key.rpartition("/")[2])) as path:
            path.write_bytes(past.artifacts.read(key))

    past.prune(settled=past.database_time())

    assert (past.files(), past.keys("trash"), past.broken()) == ({OTHER}, [], [])


def test_a_row_without_its_bytes_goes_too(past: Past) -> None:
    past.run(0)
    with past.sessions.begin() as session:
        row = {"sha256": "ab" * 32, "bytes": 3, "media_type": "text/plain"}
        session.add(File(**row, created_at=past.now))

    dry, real = past.prune(dry=True), past.prune()

    assert dry.counts["files"] == real.counts["files"] == 1
    assert past.inventory()["files"] == 0


def test_bytes_that_were_never_recorded_go_after_a_day(past: Past, tmp_path: Path) -> None:
    past.run(0, fetched=[OTHER])
    for body, age in ((b"yesterday's", 2 * 86400), (b"today's", 3600), (PAGE, 0)):
        stored = past.artifacts.put_bytes(body, "text/plain")
        path = past.artifacts.folder / stored.key  # type: ignore[operator] # this store is a folder
        os.utime(path, (time.time() - age, time.time() - age))
    strange = tmp_path / "artifacts" / "files" / "README"
    strange.write_text("somebody's note")
    os.utime(strange, (0, 0))

    dry, real = past.prune(dry=True), past.prune()

    assert dry.counts["files"] == real.counts["files"] == 1
    assert past.files() == {OTHER, b"today's", PAGE, b"somebody's note"}


def test_a_trash_of_somebody_else_is_left_alone(past: Past) -> None:
    past.run(0)
    with past.artifacts.draft("trash/notes") as path:
        path.write_bytes(b"not ours")

    past.prune(settled=past.database_time())

    assert past.keys("trash") == ["trash/notes"]


def test_results_of_runs_that_are_no_more_go_when_they_are_old(past_anywhere: Past) -> None:
    past = past_anywhere
    past.run(0)
    young, old = past.run(3), past.run(30)
    with past.sessions.begin() as session:
        for table in ("events", "tasks", "stages", "runs"):
            column = "id" if table == "runs" else "run_id"
            rows = Base.metadata.tables[table]
            session.execute(delete(rows).where(rows.c[column].in_([young, old])))

    past.prune()

    assert young in past.with_frames()
    assert old not in past.with_frames()


def test_an_attempt_that_a_clock_set_back_dates_later_still_holds_a_file_up(past: Past) -> None:
    """A database's clock may be corrected while an attempt runs: minutes of it are allowed for, an hour is not."""
    past.run(0)
    past.run(400, fetched=[PAGE])
    waiting = attempt_of(past)
    past.prune()
    early = past.database_time()
    for minutes_ahead, held_up in ((4, True), (6, False)):
        begun = database_now(60 * minutes_ahead)
        with past.sessions.begin() as session:
            session.execute(update(Task).where(Task.id == waiting.task_id).values(started_at=begun))

        past.prune(settled=early)

        assert bool(past.keys("trash")) is held_up, minutes_ahead
