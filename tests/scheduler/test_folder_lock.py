"""One holder a data folder, and those who attach to it. Each party is a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presstime.settings import PROJECT, DataFolderUnusable
from scheduler.folder_lock import (
    Attachment,
    DataFolderInUse,
    FolderLock,
    is_held,
    read_holder,
)
from tests.support.processes import PATIENCE

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)

# A process that does what it reads, a word a line, and answers each with a line.
PARTY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from scheduler.folder_lock import Attachment, DataFolderInUse, FolderLock
folder, lock, attachment = Path(sys.argv[1]), None, None
for word in map(str.strip, sys.stdin):
    answer = "done"
    if word == "acquire":
        try:
            lock = FolderLock.acquire(folder, "up", datetime.now(UTC))
        except DataFolderInUse as error:
            answer = "in use"
    elif word == "attach":
        attachment = Attachment.attach(folder)
        answer = "attached" if attachment else "nobody to attach to"
    elif word == "detach":
        attachment.release()
    elif word == "wait":
        print("waiting", flush=True)
        lock.wait_until_alone()
        answer = "alone"
    elif word == "release":
        lock.release()
    print(answer, flush=True)
"""


class Party:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def ask(self, word: str) -> str:
        self.send(word)
        return self.hear()

    def send(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
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
    with party(tmp_path) as holder:
        holder.ask("acquire")

        with pytest.raises(DataFolderInUse) as caught:
            FolderLock.acquire(tmp_path, "up", NOW)

        found = caught.value.holder
        assert found is not None
        assert found.pid == holder.process.pid
        assert found.mode == "up"
        assert f"process {holder.process.pid}, since {found.since}" in str(caught.value)
        assert "\n" not in str(caught.value)


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
    with party(tmp_path) as a, party(tmp_path) as b, party(tmp_path) as c:
        parties = [a, b, c]
        for each in parties:
            each.send("acquire")

        assert sorted(each.hear() for each in parties) == ["done", "in use", "in use"]


def test_asking_whether_it_is_held_does_not_refuse_the_one_who_takes_it(tmp_path: Path) -> None:
    with party(tmp_path) as asking:
        for _ in range(200):
            asking.send("attach")  # which asks, and finds nobody or us
            FolderLock.acquire(tmp_path, "run", NOW).release()
            if asking.hear() == "attached":
                asking.ask("detach")


def test_nobody_attaches_where_nobody_holds(tmp_path: Path) -> None:
    with party(tmp_path) as a, party(tmp_path) as b:
        for _ in range(200):
            a.send("attach")
            b.send("attach")

            assert {a.hear(), b.hear()} == {"nobody to attach to"}


def test_the_holder_waits_until_the_last_attached_one_has_gone(tmp_path: Path) -> None:
    with party(tmp_path) as holder, party(tmp_path) as first, party(tmp_path) as second:
        holder.ask("acquire")
        assert [first.ask("attach"), second.ask("attach")] == ["attached", "attached"]
        assert holder.ask("wait") == "waiting"

        first.ask("detach")
        assert second.ask("attach") == "attached"  # so the holder is still waiting, and takes newcomers
        second.process.kill()  # a killed one lets go too

        assert holder.hear() == "alone"


def test_who_comes_while_the_holder_stops_is_told_so_and_can_hold_afterwards(tmp_path: Path) -> None:
    with party(tmp_path) as holder, party(tmp_path) as late:
        holder.ask("acquire")
        holder.ask("wait")
        assert holder.hear() == "alone"

        assert late.ask("attach") == "nobody to attach to"
        assert late.ask("acquire") == "in use"
        holder.ask("release")
        assert late.ask("acquire") == "done"


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
