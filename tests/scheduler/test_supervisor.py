"""The supervisor, with real processes."""

import errno
import io
import logging
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scheduler.supervisor import INIT, Child, LogFolder, NotReady, Supervisor, line_printer
from tests.support.processes import POLITE, STUBBORN, is_alive, lines_of, python, until_all_ended
from tests.support.waiting import PATIENCE, until

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has subreapers")


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    def count(self, line: str) -> int:
        return [said for _, said in self.lines].count(line)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def supervise(tmp_path: Path, heard: Heard) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def start(*children: Child) -> Supervisor:
        made.append(Supervisor(children, heard, tmp_path))
        made[-1].start()
        return made[-1]

    yield start
    for supervisor in made:
        supervisor.kill()
        supervisor.stop()


def polite(name: str, *after: str, ready: Callable[[], bool] | None = None) -> Child:
    return Child(name, python(POLITE, name), ready=ready, after=after)


def writes_to_one_file(name: str, *after: str) -> Child:
    """Its own words in the order in which they were said: the lines of several children are heard in any."""
    return Child(name, ["sh", "-c", 'exec "$@" >> diary', "sh", *python(POLITE, name)], after=after)


def programs() -> list[psutil.Process]:
    """The programs that the supervisor of this process runs, without their inits.

    Other tests' servers may be children of this process too.
    """
    inits = [child for child in psutil.Process().children() if str(INIT) in child.cmdline()]
    return [program for init in inits for program in init.children()]


def test_a_child_that_is_killed_starts_again(supervise: Callable[..., Supervisor], heard: Heard) -> None:
    supervise(polite("worker"))
    until(lambda: heard.count("started worker") == 1, "the first start")

    programs()[0].kill()

    until(lambda: heard.count("started worker") == 2, "the second start")


def test_a_child_starts_when_those_before_it_are_ready(
    supervise: Callable[..., Supervisor], heard: Heard, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    supervisor = supervise(polite("worker", "valkey"), polite("valkey", ready=gate.exists))
    until(lambda: heard.count("started valkey") == 1, "the start of valkey")
    with pytest.raises(NotReady, match=r"worker is not ready after 0 s"):
        supervisor.wait_ready("worker", 0.2)
    assert heard.count("started worker") == 0

    gate.touch()

    until(lambda: heard.count("started worker") == 1, "the start of the worker")


def test_children_stop_in_the_reverse_order(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = supervise(
        writes_to_one_file("valkey"), writes_to_one_file("api", "valkey"), writes_to_one_file("page", "api")
    )
    until(lambda: len(lines_of(tmp_path / "diary")) == 3, "all starts")

    supervisor.stop()

    assert lines_of(tmp_path / "diary")[3:] == ["stopped page", "stopped api", "stopped valkey"]


def test_a_stopped_child_does_not_start_again(
    supervise: Callable[..., Supervisor], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = supervise(polite("worker"))
    until(lambda: heard.count("started worker") == 1, "the start")

    supervisor.stop()

    assert programs() == []
    assert caplog.messages == []  # an end that was asked for is no news


def test_the_pause_before_a_restart_grows_and_each_is_told(
    supervise: Callable[..., Supervisor], caplog: pytest.LogCaptureFixture
) -> None:
    supervise(Child("beat", python("raise SystemExit(3)")))

    until(lambda: len(caplog.messages) >= 3, "three ends")

    assert caplog.messages[:3] == [
        "beat ended with exit code 3; it starts again in 0.2 s",
        "beat ended with exit code 3; it starts again in 0.4 s",
        "beat ended with exit code 3; it starts again in 0.8 s",
    ]


def test_an_end_by_a_signal_names_the_signal(
    supervise: Callable[..., Supervisor], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    supervise(polite("worker"))
    until(lambda: heard.count("started worker") == 1, "the start")

    programs()[0].kill()

    until(lambda: caplog.messages, "the news")
    assert caplog.messages[0] == "worker ended with signal SIGKILL; it starts again in 0.2 s"


def test_a_program_that_is_missing_is_one_clear_line(
    supervise: Callable[..., Supervisor], heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    supervise(Child("worker", ["/no/such/program"]))

    until(lambda: heard.lines and caplog.messages, "what went wrong")

    assert heard.lines[0] == ("worker", "cannot run /no/such/program: No such file or directory")
    assert caplog.messages[0] == "worker ended with exit code 127; it starts again in 0.2 s"


def test_who_waits_for_a_child_that_ends_is_told_at_once_how_it_ended(
    supervise: Callable[..., Supervisor],
) -> None:
    supervisor = supervise(Child("api", python("raise SystemExit(4)"), ready=lambda: False))

    with pytest.raises(NotReady, match="api ended with exit code 4"):
        supervisor.wait_ready("api", PATIENCE)


@linux_only
def test_a_child_that_does_not_stop_in_time_is_killed_with_all_it_started(
    tmp_path: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = Supervisor([Child("worker", python(STUBBORN), stop_seconds=0.2)], heard, tmp_path)
    supervisor.start()
    until(lambda: heard.lines, "the start")
    escaped = int(heard.lines[0][1].split()[1])

    supervisor.stop()

    assert not is_alive(escaped)
    assert caplog.messages == ["worker did not stop in 0 s and is killed"]


def test_what_a_child_says_last_is_heard_before_stop_returns(tmp_path: Path) -> None:
    def slow(name: str, line: str) -> None:
        time.sleep(0.2)  # longer than any thread that reads ahead of `stop` would get
        said.append(line)

    said: list[str] = []
    supervisor = Supervisor([polite("worker")], slow, tmp_path)
    supervisor.start()
    until(lambda: said == ["started worker"], "the start")

    supervisor.stop()

    assert said == ["started worker", "stopped worker"]


def test_a_child_goes_on_when_its_lines_cannot_be_kept(tmp_path: Path) -> None:
    def full(name: str, line: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    done = tmp_path / "done"
    program = "import pathlib, sys\nfor _ in range(5000): print('x' * 100)\npathlib.Path(sys.argv[1]).touch()"
    supervisor = Supervisor([Child("worker", python(program, str(done)))], full, tmp_path)
    supervisor.start()

    until(done.exists, "the end of half a megabyte, eight times what a pipe holds")
    supervisor.stop()


@linux_only
def test_nothing_is_left_of_a_child_whose_init_was_killed(
    supervise: Callable[..., Supervisor], heard: Heard
) -> None:
    program = (
        "import subprocess, signal; print(subprocess.Popen(['sleep', '600']).pid, flush=True); signal.pause()"
    )
    supervise(Child("worker", python(program)))
    until(lambda: heard.lines, "the start")
    grandchild = int(heard.lines[0][1])
    program_of_worker = programs()[0]

    psutil.Process(program_of_worker.ppid()).kill()

    until_all_ended([program_of_worker.pid, grandchild])


@linux_only
def test_kill_ends_even_what_hears_no_signal(tmp_path: Path, heard: Heard) -> None:
    children = [Child(name, python(STUBBORN), stop_seconds=PATIENCE) for name in ("worker", "api")]
    supervisor = Supervisor(children, heard, tmp_path)
    supervisor.start()
    until(lambda: len(heard.lines) == 2, "both starts")
    everyone = [int(line.split()[1]) for _, line in heard.lines] + [program.pid for program in programs()]

    supervisor.kill()

    until_all_ended(everyone)
    supervisor.stop()


def test_the_signal_that_a_child_asks_for_is_the_one_it_gets(tmp_path: Path, heard: Heard) -> None:
    program = POLITE.replace("SIGTERM", "SIGQUIT")
    child = Child("worker", python(program, "worker"), stop_signal=signal.SIGQUIT)
    supervisor = Supervisor([child], heard, tmp_path)
    supervisor.start()
    until(lambda: heard.count("started worker") == 1, "the start")

    supervisor.stop()

    until(lambda: heard.count("stopped worker") == 1, "its last words")


def test_a_child_sees_only_the_environment_it_was_given(
    supervise: Callable[..., Supervisor], heard: Heard
) -> None:
    program = python("import os; print(os.environ.get('GIVEN'), os.environ.get('HOME'))")
    supervise(Child("worker", program, env={"GIVEN": "yes"}))

    until(lambda: heard.lines, "a line")

    assert heard.lines[0] == ("worker", "yes None")


def test_every_line_comes_whole_and_in_order_from_both_streams(
    supervise: Callable[..., Supervisor], heard: Heard
) -> None:
    program = python(
        "import os, signal\n"
        "for n in range(2000): os.write(1 + n % 2, b'%d ' % n + b'\\xc3\\xa4' * 100 + b'\\n')\n"
        "signal.pause()"
    )
    supervise(Child("worker", program))

    until(lambda: len(heard.lines) == 2000, "all lines")

    assert heard.lines == [("worker", f"{n} " + "ä" * 100) for n in range(2000)]


def test_lines_are_prefixed_with_the_name_of_who_wrote_them() -> None:
    stream = io.StringIO()
    write = line_printer(stream, 6)

    write("api", "one")
    write("worker", "two")

    assert stream.getvalue() == "api    | one\nworker | two\n"


def test_a_log_file_that_grew_too_long_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LogFolder, "LONGEST", 100)
    logs = LogFolder(tmp_path / "logs")

    for n in range(30):
        logs("worker", f"line {n:03}")
    logs.close()

    old = (tmp_path / "logs" / "worker.log.1").read_text()
    new = (tmp_path / "logs" / "worker.log").read_text()
    numbers = [int(n) for n in re.findall(r"line (\d+)", old + new)]
    assert len(new) <= 110
    assert numbers == list(range(numbers[0], 30))


def test_the_supervisor_says_it_under_its_own_name(
    supervise: Callable[..., Supervisor], caplog: pytest.LogCaptureFixture
) -> None:
    supervise(Child("beat", python("")))

    until(lambda: caplog.records, "an end")

    assert (caplog.records[0].name, caplog.records[0].levelno) == ("presstime.supervisor", logging.WARNING)


def test_a_probe_that_fails_is_asked_again(
    supervise: Callable[..., Supervisor], heard: Heard, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"

    def probe() -> bool:
        if not gate.exists():
            raise ConnectionRefusedError("nobody listens")
        return True

    supervisor = supervise(polite("valkey", ready=probe), polite("worker", "valkey"))
    until(lambda: heard.count("could not be asked whether it is ready: nobody listens") > 0, "the probe")
    gate.touch()

    supervisor.wait_ready("worker", PATIENCE)
