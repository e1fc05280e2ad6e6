"""Time limits, deadlines, leases and pauses on real processes: a worker of four, and a keeper."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest

from presstime.models import RunState, TaskState
from tests.support.installations.live import Site, signal_all

LEASE = 3.0  # seconds
DROPPED = "its result is dropped"

OVER_SOFT = """
@p.extract(timeout=timedelta(seconds=1), retries=1)
def cleaning() -> int:
    if (FOLDER / "cleaned").exists():
        note("cleaning-again")
        return 1
    try:
        time.sleep(1000)
    except TimeLimit:
        note("cleaned-up")
        (FOLDER / "cleaned").touch()
        raise
    return 0
"""

OVER_HARD = """
@p.extract(timeout=timedelta(seconds=1))
def deaf() -> int:
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    note("deaf", child.pid)
    while True:
        try:
            time.sleep(1000)
        except BaseException as error:
            note("heard", type(error).__name__)
"""

OVERDUE = """
p = Pipeline("overdue", deadline=timedelta(seconds=2))

@p.extract
def slow() -> int:
    child = subprocess.Popen(["sleep", "1000"])
    note("slow", child.pid)
    child.wait()
    return 1
"""

# One call of C code that holds the interpreter's lock for longer than a lease, however fast the machine is.
HOLDING = """
@p.extract
def holding() -> float:
    note("holding")
    count, longest = 1_000_000, 0.0
    while longest < LEASE * 1.3:
        begun = time.monotonic()
        sum(range(count))
        longest = time.monotonic() - begun
        count = int(count * min(100, max(1.2, LEASE * 1.6 / longest)))
    note("held", longest)
    return longest
"""

STANDING = """
@p.extract
def standing() -> int:
    note("standing")
    wait_for("stand")
    note("stood")
    return os.getpid()
"""

FAILING = """
import logging

@p.extract(retries=2)
def failing() -> int:
    logging.getLogger("author").warning("about to divide")
    note("failing", time.time())
    return 1 // 0
"""

ASKED_TO_WAIT = """
@p.extract(retries=1)
def page(web: Web) -> str:
    return web.get("ADDRESS").body.decode()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("limits"), lease_seconds=str(LEASE), keeper_seconds="0.3")
    made.start("keeper")
    made.start("worker", "worker", "--concurrency", "4")
    yield made
    made.close()


def test_a_soft_limit_lets_a_step_clean_up_and_counts_as_a_failure(site: Site) -> None:
    run = site.finished(run_id := site.run("cleaning", OVER_SOFT))

    assert (run.state, run.error) == (RunState.SUCCEEDED, None)
    assert len(site.noted("cleaned-up")) == len(site.noted("cleaning-again")) == 1
    task = site.task(run_id, "cleaning")
    assert (task.attempt, task.errors, task.losses) == (2, 1, 0)
    (first,) = site.failed_attempts(task)
    assert (first.error_type, first.error) == ("TimeLimit", "took longer than 1 s")
    assert first.traceback
    assert "time.sleep(1000)" in first.traceback


def test_a_hard_limit_kills_the_step_and_what_it_started(site: Site) -> None:
    run_id = site.run("deaf", OVER_HARD)
    (begun,) = site.wait_noted("deaf")

    run = site.finished(run_id)

    assert site.wait_noted("heard")[0].words == ("TimeLimit",)
    line = "took longer than 1 s and did not stop within 5 s more"
    assert (run.state, run.error) == (RunState.FAILED, f"deaf: {line}")
    task = site.task(run_id, "deaf")
    assert (task.state, task.error_type, task.error) == (TaskState.FAILED, "TimeLimit", line)
    site.until_gone([begun.pid, int(begun.words[0])])
    assert len(site.noted("deaf")) == 1, "no retry was left"


def test_a_run_past_its_deadline_fails_and_its_step_is_stopped(site: Site) -> None:
    run_id = site.run("overdue", OVERDUE)
    (begun,) = site.wait_noted("slow")

    run = site.finished(run_id)

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.startswith("not finished by its deadline, ")
    site.until_gone([int(begun.words[0])])
    assert site.task(run_id, "slow").output is None


def test_a_step_that_holds_the_interpreter_keeps_its_lease(site: Site) -> None:
    run = site.finished(run_id := site.run("holding", HOLDING.replace("LEASE", str(LEASE))))

    assert run.state is RunState.SUCCEEDED
    (held,) = site.noted("held")
    assert float(held.words[0]) > LEASE
    assert len(site.noted("holding")) == 1
    task = site.task(run_id, "holding")
    assert (task.attempt, task.losses, site.failed_attempts(task)) == (1, 0, [])


def test_a_worker_that_stood_still_past_its_lease_cannot_write_its_result(site: Site) -> None:
    run_id = site.run("standing", STANDING)
    (first,) = site.wait_noted("standing")
    frozen = site.everyone_of(site.commands["worker"])
    signal_all(frozen, signal.SIGSTOP)
    dropped = site.log("worker").count(DROPPED)  # by earlier tests
    site.start("another", "worker", "--pool", "solo")

    second = site.wait_noted("standing", times=2)[1]
    site.open("stand")
    run = site.finished(run_id)

    assert run.state is RunState.SUCCEEDED
    signal_all(frozen, signal.SIGCONT)
    both = site.wait_noted("stood", times=2)
    site.wait("the first to end too", lambda: site.log("worker").count(DROPPED) > dropped)
    assert sorted(one.pid for one in both) == sorted([first.pid, second.pid])
    task = site.task(run_id, "standing")
    assert (task.state, task.attempt, task.losses, task.pid) == (TaskState.SUCCEEDED, 2, 1, second.pid)
    assert (task.output or {})["text"] == str(second.pid)
    assert [one.error_type for one in site.failed_attempts(task)] == ["Lost"]
    site.kill("another")


def test_a_failure_keeps_its_traceback_and_log_and_the_pauses_grow(site: Site) -> None:
    run = site.finished(run_id := site.run("failing", FAILING))

    assert run.error == "failing: ZeroDivisionError: integer division or modulo by zero"
    attempts = site.failed_attempts(site.task(run_id, "failing"))
    assert [one.attempt for one in attempts] == [1, 2, 3]
    for one in attempts:
        assert one.error_type == "ZeroDivisionError"
        assert "return 1 // 0" in (one.traceback or "")
        assert "WARNING about to divide" in (one.log or "")
    pauses = [float(data["pause_s"]) for data in site.events(run_id, "task.retry")]
    assert 0.75 <= pauses[0] <= 1.25
    assert 1.5 <= pauses[1] <= 2.5
    for pause, earlier, later in zip(pauses, attempts, attempts[1:], strict=False):
        assert later.started_at is not None
        assert later.started_at - earlier.ended_at >= timedelta(seconds=pause - 0.01)


class Busy(BaseHTTPRequestHandler):
    """Asks the first who comes for a pause."""

    def do_GET(self) -> None:
        first = not self.server.seen  # type: ignore[attr-defined] # set where the server is made
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_response(503 if first else 200)
        if first:
            self.send_header("Retry-After", "2")
        body = b"later" if first else b"now"
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def busy() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    server.seen = []  # type: ignore[attr-defined] # what the handler counts
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_site_that_asks_for_a_pause_gets_it(site: Site, busy: str) -> None:
    run_id: UUID = site.run("page", ASKED_TO_WAIT.replace("ADDRESS", busy))

    run = site.finished(run_id)
    assert (run.state, run.error) == (RunState.SUCCEEDED, None)
    task = site.task(run_id, "page")
    (first,) = site.failed_attempts(task)
    assert "503" in first.error
    assert task.attempt == 2
    assert task.started_at is not None
    assert task.started_at - first.ended_at >= timedelta(seconds=1.99)
    (retry,) = site.events(run_id, "task.retry")
    assert retry["pause_s"] >= 2  # more than the first pause of its own, at most 1.25 s
