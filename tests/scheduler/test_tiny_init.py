"""The tiny init: it ends as its program ends, and nothing outlives it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import scheduler.tiny_init
from tests.support.processes import POLITE, STUBBORN, descendants, is_alive, python, until_all_ended
from tests.support.waiting import until

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has subreapers")
INIT = [sys.executable, "-I", "-S", str(Path(scheduler.tiny_init.__file__))]


@contextmanager
def started(argv: list[str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*INIT, *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.stdin is not None:
                process.stdin.close()  # the leash: should a test fail, nothing is left either


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", -15), ("kill -KILL $$", -9)]
)
def test_it_ends_with_the_exit_code_or_the_signal_of_its_program(script: str, code: int) -> None:
    with started(["sh", "-c", script]) as init:
        assert init.wait() == code


def test_a_program_that_is_missing_is_one_line_and_the_exit_code_of_a_shell() -> None:
    with started(["/no/such/program"]) as init:
        assert init.wait() == 127
        assert init.stderr is not None
        assert init.stderr.read() == "cannot run /no/such/program: No such file or directory\n"


def test_a_file_that_is_no_program_is_told_from_a_missing_one(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("words")

    with started([str(path)]) as init:
        assert init.wait() == 126


def test_a_signal_reaches_the_program() -> None:
    with started(python(POLITE, "valkey")) as init:
        assert first_line(init) == "started valkey"
        init.send_signal(signal.SIGTERM)

        assert first_line(init) == "stopped valkey"
        assert init.wait() == 0


def test_the_program_reads_an_empty_standard_input_and_not_the_leash() -> None:
    with started(python("import sys; print(repr(sys.stdin.read()))")) as init:
        assert first_line(init) == "''"


def test_the_program_dies_of_a_broken_pipe_as_it_would_in_a_shell() -> None:
    with started(python("import signal; print(signal.getsignal(signal.SIGTERM).name)")) as init:
        assert first_line(init) == "SIG_DFL"
    with started(["sh", "-c", "kill -PIPE $$"]) as init:
        assert init.wait() == -signal.SIGPIPE


@linux_only
def test_when_the_leash_ends_everything_dies_even_what_left_the_session() -> None:
    with started(python(STUBBORN)) as init:
        escaped = int(first_line(init).split()[1])
        everyone = [process.pid for process in descendants(init.pid)]
        assert escaped in everyone
        let_go(init)

        assert init.wait() == -signal.SIGKILL
        until_all_ended(everyone)


@linux_only
def test_what_a_program_leaves_behind_dies_before_the_init_ends() -> None:
    script = "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid)"
    with started(python(script)) as init:
        orphan = int(first_line(init))

        assert init.wait() == 0
        assert not is_alive(orphan)


@linux_only
def test_the_program_dies_with_an_init_that_is_killed() -> None:
    with started(python(POLITE, "worker")) as init:
        first_line(init)
        (program,) = descendants(init.pid)
        init.kill()

        until_all_ended([program.pid])


@linux_only
def test_an_orphan_that_ends_while_the_program_runs_is_no_zombie() -> None:
    script = (
        "import os, signal\n"
        "if (middle := os.fork()) == 0:\n"
        "    orphan = os.fork()\n"
        "    if orphan: os.write(1, b'%d\\n' % orphan)\n"
        "    os._exit(0)\n"
        "os.waitpid(middle, 0)\n"
        "signal.pause()"
    )
    with started(python(script)) as init:
        orphan = int(first_line(init))

        until(lambda: not psutil.pid_exists(orphan), "the reaping of the orphan")  # a zombie still exists
        assert init.poll() is None
