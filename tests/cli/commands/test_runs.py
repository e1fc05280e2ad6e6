"""Cancel, retry, rerun and log: what they change, what they print, and what each refuses in one line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import select

from pipelines.runs.complete import Failure, Result, fail, succeed
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import ensure_pipeline
from presstime.clock import utc_now
from presstime.models import Event, OutboxMessage, Run, RunState, Stage, Task, Trigger
from presstime.settings import load_settings
from scheduler.folder_lock import FolderLock, Mode
from scheduler.runtime import Runtime
from tests.support.commands import Command
from tests.support.runs.graphs import advanced, claimed, done, run_of, tasks_of
from tests.support.servers.databases import sqlite_with_tables
from tests.support.servers.valkey import ValkeyServer, running_valkey

STEPS = '''
"""Two steps in a row, and seven items beside them."""

from pipelines import Pipeline

steps = Pipeline("two-steps")


@steps.extract
def first() -> int:
    return 1


@steps.transform
def second(first: int) -> int:
    return first // 0


@steps.extract(over=[["x", 1], ["x", 2], ["y", 1], ["y", 2], ["z", 1], ["z", 2], ["z", 3]])
def each(pair: list[str | int]) -> int:
    return 1


@steps.extract(over=["1", 1, "plain"])
def alike(value: str | int) -> int:
    return 1
'''
ESCAPE = "\x1b[2J"  # clears a terminal


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "two_steps.py"
    path.write_text(STEPS)
    return path


@pytest.fixture
def runtime(data_dir: Path, file: Path) -> Iterator[Runtime]:
    settings = load_settings()
    sqlite_with_tables(settings.data_dir / "presstime.db")
    opened = Runtime.open(settings)
    yield opened
    opened.engine.dispose()


def queued_run(runtime: Runtime) -> UUID:
    loaded = runtime.registry.get("two-steps")
    asked = request_run(loaded, params={}, interval=None, as_of=utc_now(), origin=Origin(Trigger.CLI, "ann"))
    with runtime.sessions.begin() as session:
        ensure_pipeline(session, loaded, utc_now())
        return submit(session, asked, runtime.items).id


def attempt(runtime: Runtime, task: Task, error: str | None = None, log: str = "") -> None:
    """One try of a task, that fails or succeeds."""
    held = claimed(runtime.sessions, task)
    assert held is not None
    with runtime.sessions.begin() as session:
        if error is None:
            assert succeed(session, held, Result(output={"rows": 1}, log=log))
        else:
            trace = f"Traceback (most recent call last):\n  in the file\n{error}"
            assert fail(session, held, Failure(error, "ValueError", trace, result=Result(log=log)))


@pytest.fixture
def failed(runtime: Runtime) -> UUID:
    """A run of which one step failed, and two of seven items."""
    run_id = queued_run(runtime)
    attempt(runtime, tasks_of(runtime.sessions, run_id, "first")[0], log="the first line\nthe second")
    for number, task in enumerate(tasks_of(runtime.sessions, run_id, "each")):
        attempt(runtime, task, f"ValueError: item {number}" if number in {1, 4} else None)
    for task in tasks_of(runtime.sessions, run_id, "alike"):
        assert done(runtime.sessions, task)
    attempt(
        runtime,
        tasks_of(runtime.sessions, run_id, "second")[0],
        f"ValueError: no {ESCAPE} such thing",
        log="about to fail",
    )
    advanced(runtime.sessions, run_id)
    assert run_of(runtime.sessions, run_id).state is RunState.FAILED
    return run_id


def states(runtime: Runtime, run_id: UUID, step: str) -> list[str]:
    return [str(task.state) for task in tasks_of(runtime.sessions, run_id, step)]


def event(runtime: Runtime, run_id: UUID, kind: str) -> dict[str, Any]:
    with runtime.sessions() as session:
        return session.scalars(select(Event.data).where(Event.run_id == run_id, Event.kind == kind)).one()


def test_a_run_is_cancelled(command: Command, runtime: Runtime) -> None:
    run_id = queued_run(runtime)

    ended = command("cancel", str(run_id))

    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == f"Run {run_id} of two-steps is cancelled.\n"
    assert run_of(runtime.sessions, run_id).state is RunState.CANCELLED
    assert event(runtime, run_id, "run.cancelled") == {"actor": getuser()}


def test_a_retry_goes_on_with_the_same_run_and_says_what_it_waits_for(
    command: Command, runtime: Runtime, failed: UUID
) -> None:
    ended = command("retry", str(failed))

    assert ended.code == 0
    assert ended.stdout == f"Run {failed} of two-steps goes on; this is generation 2.\n"
    assert "`presstime up`" in ended.line
    assert run_of(runtime.sessions, failed).state is RunState.QUEUED
    assert states(runtime, failed, "first") + states(runtime, failed, "second") == ["succeeded", "ready"]
    assert states(runtime, failed, "each").count("ready") == 2
    assert event(runtime, failed, "run.retried") == {"actor": getuser(), "generation": 2}


@pytest.mark.parametrize("item", ["z 1", '["z",1]'])
def test_one_item_is_retried_as_people_write_it(
    command: Command, runtime: Runtime, failed: UUID, item: str
) -> None:
    ended = command("retry", str(failed), "--step", "each", "--item", item)

    assert ended.code == 0, ended.stderr
    assert (
        states(runtime, failed, "each")
        == ["succeeded", "failed", *["succeeded"] * 2, "ready"] + ["succeeded"] * 2
    )
    assert states(runtime, failed, "second") == ["failed"]
    assert event(runtime, failed, "run.retried")["item"] == '["z",1]'


def test_a_step_alone_needs_no_item_when_one_task_of_it_failed(
    command: Command, runtime: Runtime, failed: UUID
) -> None:
    ended = command("retry", str(failed), "--step", "second")

    assert ended.code == 0, ended.stderr
    assert states(runtime, failed, "second") == ["ready"]
    assert states(runtime, failed, "each").count("failed") == 2


def test_a_number_and_a_text_that_look_alike_are_told_apart_by_quotes(command: Command, failed: UUID) -> None:
    told = {}
    for item in ("1", '"1"', "plain"):
        document = json.loads(command("log", str(failed), "alike", "--item", item, "--json").stdout)
        told[item] = [task["item"] for task in document["tasks"]]

    assert told == {"1": ["1"], '"1"': ['"1"'], "plain": ['"plain"']}


def test_a_rerun_names_the_new_run(command: Command, runtime: Runtime, failed: UUID) -> None:
    ended = command("rerun", str(failed), "--json")

    told = json.loads(ended.stdout)
    assert ended.code == 0
    assert "`presstime up`" in ended.line
    assert (told["pipeline"], told["state"], told["generation"]) == ("two-steps", "queued", 1)
    assert told["rerun_of"] == str(failed) != told["run_id"]
    new = run_of(runtime.sessions, UUID(told["run_id"]))
    assert (new.trigger, new.actor, new.rerun_of) == (Trigger.RERUN, getuser(), failed)
    assert new.code_version == runtime.registry.get("two-steps").code_version
    assert run_of(runtime.sessions, failed).state is RunState.FAILED
    assert str(failed) in command("rerun", str(failed)).stdout


def test_a_run_is_named_by_the_first_characters_of_its_id(
    command: Command, runtime: Runtime, failed: UUID
) -> None:
    assert command("retry", failed.hex[:20]).code == 0
    assert command("cancel", str(failed)[:23].upper(), "--json").code == 0
    assert run_of(runtime.sessions, failed).state is RunState.CANCELLED


REFUSED = [
    (("cancel", "RUN"), "is failed already"),
    (("cancel", "ffff"), "no run ffff"),
    (("retry", "ffff"), "no run ffff"),
    (("rerun", "ffff"), "no run ffff"),
    (("log", "ffff"), "no run ffff"),
    (("retry", "RUN", "--step", "secnd"), "did you mean 'second'"),
    (("retry", "RUN", "--step", "nothing-like-it"), "its steps are first, second, each, alike"),
    (("retry", "RUN", "--item", "x 1"), "of which step"),
    (("retry", "RUN", "--step", "first"), "only a failed one"),
    (("retry", "RUN", "--step", "alike"), "nothing to try again"),
    (("retry", "RUN", "--step", "second", "--item", "x 1"), "it is not mapped"),
    (("retry", "RUN", "--step", "each"), "2 items to try again: x 2, z 1; name one with --item"),
    (("retry", "RUN", "--step", "each", "--item", "q"), "it has x 1, x 2, y 1, y 2, z 1 and 2 more"),
    (("retry", "RUN", "--step", "each", "--item", "x 3"), "did you mean"),
    (("retry", "RUN", "--step", "each", "--item", "x 1"), "only a failed one"),
    (("log", "RUN", "frist"), "did you mean 'first'"),
    (("log", "RUN", "--item", "x 1"), "of which step"),
    (("log", "RUN", "each", "--item", "q"), "it has x 1"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_what_cannot_be_acceptedis_one_line_and_changes_nothing(
    command: Command, runtime: Runtime, failed: UUID, words: tuple[str, ...], said: str
) -> None:
    refused = command(*(word.replace("RUN", str(failed)) for word in words))

    assert (refused.code, refused.stdout) == (2, "")
    assert said in refused.line
    assert run_of(runtime.sessions, failed).state is RunState.FAILED
    with runtime.sessions() as session:
        assert session.scalars(select(Run.id)).all() == [failed]


def test_a_run_under_way_is_not_retried(command: Command, runtime: Runtime) -> None:
    refused = command("retry", str(queued_run(runtime)))

    assert refused.code == 2
    assert "cancel it first" in refused.line


UNFIT = {
    "other steps": (STEPS.replace("def second", "def third"), "other steps now"),
    "a mistake in it": (STEPS.replace("(first: int)", "(first)"), "two_steps.py:14: step 'second'"),
    "nothing of it": ("", "'two-steps' is unknown"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_retry_by_a_file_that_no_longer_fits_is_one_line(
    command: Command, runtime: Runtime, failed: UUID, file: Path, case: str
) -> None:
    text, said = UNFIT[case]
    file.write_text(text)

    refused = command("retry", str(failed))

    assert (refused.code, refused.stdout) == (2, "")
    assert said in refused.line
    assert run_of(runtime.sessions, failed).state is RunState.FAILED


def test_a_rerun_takes_other_steps_but_no_mistakes(command: Command, failed: UUID, file: Path) -> None:
    file.write_text(UNFIT["a mistake in it"][0])
    refused = command("rerun", str(failed))
    file.write_text(UNFIT["other steps"][0])
    accepted = command("rerun", str(failed))

    assert (refused.code, refused.stdout, accepted.code) == (2, "", 0)
    assert "did not load" in refused.line


def test_the_log_shows_what_was_logged_and_why_it_failed(command: Command, failed: UUID) -> None:
    told = command("log", str(failed))

    assert (told.code, told.stderr) == (0, "")
    heads = [line for line in told.stdout.splitlines() if line and not line.startswith(" ")]
    names = [line.partition(":")[0] for line in heads]
    assert names == ["first", "second", "each x 2", "each z 1"], (
        "what said nothing and did not fail is left out"
    )
    assert heads[0].startswith("first: attempt 1 succeeded after ")
    assert heads[1].startswith("second: attempt 1 failed after ")
    assert "  the first line\n  the second\n" in told.stdout
    assert "  about to fail\n  Traceback (most recent call last):\n    in the file\n" in told.stdout


def test_what_an_error_quotes_does_not_reach_the_terminal_as_it_is(command: Command, failed: UUID) -> None:
    told = command("log", str(failed), "second")

    assert ESCAPE not in told.stdout
    assert r"no \x1b[2J such thing" in told.stdout


def test_the_log_of_a_step_or_an_item_shows_just_that(command: Command, failed: UUID) -> None:
    assert command("log", str(failed), "each").stdout.count("each ") == 7
    one = command("log", str(failed), "each", "--item", "z 1").stdout
    assert one.count("each ") == 1
    assert "ValueError: item 4" in one


def test_earlier_attempts_stay_in_the_log(command: Command, runtime: Runtime, failed: UUID) -> None:
    (task,) = tasks_of(runtime.sessions, failed, "second")
    command("retry", str(failed), "--step", "second")
    between = command("log", str(failed), "second").stdout
    attempt(runtime, task, log="this time it works")
    after = command("log", str(failed), "second").stdout
    (document,) = json.loads(command("log", str(failed), "second", "--json").stdout)["tasks"]

    assert "second: attempt 1 failed" in between
    assert "second: is ready\n" in between
    assert between.count("about to fail") == after.count("about to fail") == 1
    assert "second: attempt 2 succeeded" in after
    assert "  this time it works\n" in after
    assert (document["state"], document["attempt"], document["log"], document["error"]) == (
        "succeeded",
        2,
        "this time it works",
        None,
    )
    (kept,) = document["failed_attempts"]
    assert (kept["attempt"], kept["error_type"], kept["log"]) == (1, "ValueError", "about to fail")
    assert kept["error"] == f"ValueError: no {ESCAPE} such thing"


def test_an_attempt_under_way_is_not_shown_with_the_traces_of_the_one_before(
    command: Command, runtime: Runtime, failed: UUID
) -> None:
    command("retry", str(failed), "--step", "second")
    assert claimed(runtime.sessions, tasks_of(runtime.sessions, failed, "second")[0]) is not None

    told = command("log", str(failed), "second")
    (document,) = json.loads(command("log", str(failed), "second", "--json").stdout)["tasks"]

    assert "second: attempt 2 running on worker-1" in told.stdout
    assert told.stdout.count("about to fail") == 1
    assert document["log"] is None


def test_a_run_that_has_nothing_to_tell_says_so(command: Command, runtime: Runtime) -> None:
    told = command("log", str(queued_run(runtime)))

    assert (told.code, told.stdout) == (0, "")
    assert "is queued; none of its steps" in told.line


@contextmanager
def services(data_dir: Path, mode: Mode) -> Iterator[Redis]:
    """The folder held, and a broker where its services have theirs."""
    lock = FolderLock.acquire(data_dir, mode, datetime(2026, 11, 1, tzinfo=UTC))
    try:
        with (
            running_valkey(data_dir, persistent=False) as socket,
            Redis(unix_socket_path=str(socket)) as client,
        ):
            yield client
    finally:
        lock.release()


@pytest.mark.parametrize("mode", ["up", "run"])
def test_where_services_live_the_run_goes_on_at_once(
    command: Command, runtime: Runtime, failed: UUID, data_dir: Path, mode: Mode
) -> None:
    with services(data_dir, mode) as valkey:
        ended = command("retry", str(failed), "--step", "second")
        sent = valkey.llen("transform.express")

    assert ended.code == 0
    assert sent == 1
    assert unsent(runtime, failed, 2) == []
    if mode == "up":
        assert ended.stderr == ""
    else:
        assert "when `presstime run` ends" in ended.line


def test_a_broker_elsewhere_is_always_told(
    command: Command, runtime: Runtime, failed: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey = ValkeyServer()
    monkeypatch.setenv("PRESSTIME_BROKER_URL", valkey.broker_url)
    monkeypatch.setenv("PRESSTIME_REDIS_URL", valkey.results_url)
    try:
        ended = command("retry", str(failed), "--step", "second")
        sent = valkey.queued("transform.express")
    finally:
        valkey.remove()

    assert (ended.code, ended.stderr) == (0, "")
    assert sent == 1


def unsent(runtime: Runtime, run_id: UUID, generation: int) -> list[int]:
    """Outbox rows of that try; those of the first were never sent, for want of a broker."""
    query = (
        select(OutboxMessage.id)
        .join(Stage, Stage.id == OutboxMessage.stage_id)
        .where(OutboxMessage.run_id == run_id, Stage.generation == generation)
    )
    with runtime.sessions() as session:
        return list(session.scalars(query))
