"""A tiny init for one child: forwards signals, and lets nothing survive it. Knows nothing but the program.

The supervisor starts every program as `python -I -S tiny_init.py PROGRAM ARGUMENT...` with a pipe as
standard input, the leash. Nothing is ever written to it: it closes when the supervisor lets go or dies,
by whatever cause, and then everything that descends from this process is killed. The same happens to
what a program leaves behind when it ends. A death signal alone (PR_SET_PDEATHSIG) does not do that: it
reaches the program, not the processes that the program forked, like those of a Celery pool.

On Linux this process adopts orphaned descendants, so none escapes, whatever session it opened. Elsewhere
only the process group is killed, and a descendant that left the group lives on.

Run by path and without site-packages, this file imports the standard library only: it starts in some 20 ms.
"""

import contextlib
import ctypes
import errno
import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

LEASH = 0  # standard input
LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
FORWARDED = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
CANNOT_RUN, NOT_FOUND = 126, 127  # exit codes, as in a POSIX shell


def main(argv: list[str]) -> NoReturn:
    """Run `argv`, and end as it ended: with its exit code, or by its signal."""
    wakeup = _catch_signals()
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)  # none may fall between fork and exec
    _control(PR_SET_CHILD_SUBREAPER, 1)
    parent, program = os.getpid(), os.fork()
    if program == 0:
        _become(argv, parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    status = _wait(program, wakeup)
    if LINUX:
        _kill_descendants()
    elif status == signal.SIGKILL:
        os.killpg(0, signal.SIGKILL)  # this process too, which was to end in the same way
    _end_like(status)


def _catch_signals() -> int:
    """Returns the file descriptor on which the number of each signal received arrives as a byte."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write)
    for number in (*FORWARDED, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    return read


def _become(argv: list[str], parent: int) -> NoReturn:
    """In the forked process: replace it by the program."""
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the death signal was set
        os._exit(CANNOT_RUN)
    signal.set_wakeup_fd(-1)
    # Python ignores SIGPIPE and SIGXFSZ, and what is ignored stays so across exec.
    for number in (*FORWARDED, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    os.dup2(os.open(os.devnull, os.O_RDONLY), LEASH)  # the program has no business with it
    try:
        os.execvp(argv[0], argv)  # noqa: S606 # argv is the supervisor's, and no shell is wanted
    except OSError as error:
        os.write(2, f"cannot run {argv[0]}: {error.strerror}\n".encode())
        os._exit(NOT_FOUND if error.errno == errno.ENOENT else CANNOT_RUN)


def _wait(program: int, wakeup: int) -> int:
    """Returns the wait status of the program, which the end of the leash cuts short."""
    while True:
        ready, _, _ = select.select([LEASH, wakeup], [], [])
        if LEASH in ready and not os.read(LEASH, 1):
            return signal.SIGKILL
        if wakeup in ready:
            received = os.read(wakeup, 1024)
            for number in set(received) - {signal.SIGCHLD}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(program, number)
            for ended, status in _reaped():
                if ended == program:
                    return status


def _reaped() -> Iterator[tuple[int, int]]:
    """Process id and wait status of each child that has ended: the program, and orphans adopted."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def _kill_descendants() -> None:
    """Kill children until none is left: the children of each one killed become ours to kill."""
    while True:
        for child in _children():
            with contextlib.suppress(PermissionError):  # it changed its user: all one can do is wait for it
                os.kill(child, signal.SIGKILL)  # a zombie at worst: only the wait below frees the number
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> Iterator[int]:
    me = os.getpid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                # "pid (name) state parent ...", and the name may hold anything
                if int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1]) == me:
                    yield int(entry.name)


def _control(option: int, value: int) -> None:
    if LINUX and ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _end_like(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the program has left its core already
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1:])
