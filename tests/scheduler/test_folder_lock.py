"""One holder a data folder, and those who attach to it. A party that is killed is a process of its own."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from presstime.settings import PROJECT, DataFolderUnusable
from scheduler.folder_lock import (
    Attachment,
    DataFolderInUse,
    FolderLock,
    Holder,
    is_held,
    read_holder,
)
from tests.support.waiting import PATIENCE

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)

# A process that does what it reads, a word a line, and answers each with a line.
PARTY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from scheduler.folder_lock import Attachment, FolderLock
folder, kept = Path(sys.argv[1]), []
for word in map(str.strip, sys.stdin):
    if word == "acquire":
        kept.append(FolderLock.acquire(folder, "up", datetime.now(UTC)))
        print("done", flush=True)
    elif word == "attach":
        kept.append(Attachment.attach(folder))
        print("attached" if kept[-1] else "nobody to attach to", flush=True)
"""


class Party:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def ask(self, word: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def party(folder: Path) -> Iterator[Party]:
    with subprocess.Popen(
        [sys.executable, "-c", PARTY, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Party(process)
        finally:
            process.kill()
            process.wait(PATIENCE)


def test_the_second_is_refused_in_one_line_that_says_who_has_it(tmp_path: Path) -> None:
    holder = FolderLock.acquire(tmp_path, "up", NOW)

    with pytest.raises(DataFolderInUse) as caught:
        FolderLock.acquire(tmp_path, "run", NOW)

    found = caught.value.holder
    assert found == Holder(os.getpid(), "up", "2026-01-05T06:00:00+00:00")
    assert f"process {os.getpid()}, since {found.since}" in str(caught.value)
    assert "\n" not in str(caught.value)
    holder.release()


def test_the_folder_is_free_again_once_released(tmp_path: Path) -> None:
    FolderLock.acquire(tmp_path, "up", NOW).release()

    FolderLock.acquire(tmp_path, "run", NOW).release()


def test_the_folder_is_free_again_once_its_holder_was_killed(tmp_path: Path) -> None:
    with party(tmp_path) as holder:
        holder.ask("acquire")
        assert is_held(tmp_path)
        holder.process.send_signal(signal.SIGKILL)
        holder.process.wait(PATIENCE)

    assert not is_held(tmp_path)
    FolderLock.acquire(tmp_path, "up", NOW).release()


def test_of_many_who_try_at_once_one_gets_it(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def acquired() -> FolderLock | None:
        together.wait()
        try:
            return FolderLock.acquire(tmp_path, "up", NOW)
        except DataFolderInUse:
            return None

    with ThreadPoolExecutor(4) as pool:
        locks = [one.result() for one in [pool.submit(acquired) for _ in range(4)]]

    (only,) = [lock for lock in locks if lock is not None]
    only.release()


def test_asking_whether_it_is_held_does_not_refuse_the_one_who_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, may_end = threading.Event(), threading.Event()
    asker = threading.Thread(target=is_held, args=(tmp_path,))
    flock = fcntl.flock

    def slow_flock(file: IO[str], operation: int) -> None:
        flock(file, operation)
        if threading.current_thread() is asker:
            asks.set()
            may_end.wait(PATIENCE)

    def let_it_end(seconds: float) -> None:
        may_end.set()
        asker.join(PATIENCE)

    monkeypatch.setattr(fcntl, "flock", slow_flock)
    asker.start()
    assert asks.wait(PATIENCE)
    monkeypatch.setattr(time, "sleep", let_it_end)

    FolderLock.acquire(tmp_path, "run", NOW).release()

    assert may_end.is_set(), "the one who took it met the one who asked"


def test_nobody_attaches_where_nobody_holds_but_somebody_asks_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Attachment | None] = []
    flock = fcntl.flock

    def meet_another(file: IO[str], operation: int) -> None:
        flock(file, operation)
        monkeypatch.undo()  # the other one meets nobody
        meanwhile.append(Attachment.attach(tmp_path))

    FolderLock.acquire(tmp_path, "up", NOW).release()
    monkeypatch.setattr(fcntl, "flock", meet_another)
    assert not is_held(tmp_path)
    assert meanwhile == [None]
    assert Attachment.attach(tmp_path) is None


def test_the_holder_waits_until_the_last_attached_one_has_gone(tmp_path: Path) -> None:
    holder = FolderLock.acquire(tmp_path, "up", NOW)
    with party(tmp_path) as second, ThreadPoolExecutor(1) as pool:
        first = Attachment.attach(tmp_path)
        assert first is not None
        assert second.ask("attach") == "attached"
        alone = pool.submit(holder.wait_until_alone)

        first.release()
        third = Attachment.attach(tmp_path)  # the holder is still waiting, and takes newcomers
        assert third is not None
        third.release()
        assert not alone.done()
        second.process.kill()  # a killed one lets go too

        alone.result(PATIENCE)
    holder.release()


def test_who_comes_while_the_holder_stops_is_told_so_and_can_hold_afterwards(tmp_path: Path) -> None:
    holder = FolderLock.acquire(tmp_path, "up", NOW)
    holder.wait_until_alone()

    assert Attachment.attach(tmp_path) is None
    with pytest.raises(DataFolderInUse):
        FolderLock.acquire(tmp_path, "up", NOW)
    holder.release()
    FolderLock.acquire(tmp_path, "up", NOW).release()


def test_an_attached_one_keeps_nobody_from_holding_after_the_holder_was_killed(tmp_path: Path) -> None:
    with party(tmp_path) as holder:
        holder.ask("acquire")
        attachment = Attachment.attach(tmp_path)
        assert attachment is not None
        holder.process.kill()
        holder.process.wait(PATIENCE)

    FolderLock.acquire(tmp_path, "up", NOW).release()
    attachment.release()


def test_the_holder_can_add_its_address(tmp_path: Path) -> None:
    lock = FolderLock.acquire(tmp_path, "up", NOW)
    holder = read_holder(tmp_path)
    assert holder is not None
    assert holder.since == "2026-01-05T06:00:00+00:00"

    lock.describe(replace(holder, url="http://127.0.0.1:8000"))

    assert read_holder(tmp_path) == replace(holder, url="http://127.0.0.1:8000")
    lock.release()


def test_a_data_folder_that_cannot_be_made_is_one_line_with_folder_and_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"

    with pytest.raises(DataFolderUnusable, match="Not a directory") as caught:
        FolderLock.acquire(folder, "up", NOW)

    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
