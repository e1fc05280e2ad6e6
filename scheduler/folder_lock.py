"""One instance a data folder, and commands that attach to it: two file locks, gone with their processes."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from presstime.errors import PresstimeError
from presstime.settings import DataFolderUnusable

GLANCES, GLANCE = 5, 0.02  # tries to take the lock, and seconds between them

Mode = Literal["up", "run"]


@dataclass(frozen=True)
class Holder:
    """The process that holds a data folder."""

    pid: int
    mode: Mode
    since: str
    url: str = ""


class DataFolderInUse(PresstimeError):
    def __init__(self, folder: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = (
            f"`presstime {holder.mode}` (process {holder.pid}, since {holder.since})"
            if holder
            else "another process"
        )
        super().__init__(
            f"data folder {folder} is in use by {who}. Stop that one first, or set PRESSTIME_DATA_DIR to another."
        )


class FolderLock:
    """Held by the one process that runs the services of a data folder."""

    def __init__(self, folder: Path, file: IO[str], attached: IO[str]) -> None:
        self._folder = folder
        self._file = file
        self._attached = attached

    @classmethod
    def acquire(cls, folder: Path, mode: Mode, now: datetime) -> "FolderLock":
        """Raises DataFolderInUse when somebody else has it, DataFolderUnusable when it cannot be written."""
        file, attached = _open(folder, "instance.lock"), _open(folder, "attached.lock")
        if not _lock_soon(file):
            file.close()
            attached.close()
            raise DataFolderInUse(folder, read_holder(folder))
        lock = cls(folder, file, attached)
        lock.describe(Holder(os.getpid(), mode, now.isoformat(timespec="seconds")))
        return lock

    def describe(self, holder: Holder) -> None:
        """Write down who holds the folder, for the one who is refused."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(holder)) + "\n")
        self._file.flush()

    def wait_until_alone(self) -> None:
        """Return when nobody is attached any more; from then on nobody can be."""
        fcntl.flock(self._attached, fcntl.LOCK_EX)

    def release(self) -> None:
        self._file.close()
        self._attached.close()


class Attachment:
    """Held by a command that uses the services which another process runs; they stay while it is held."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @classmethod
    def attach(cls, folder: Path) -> "Attachment | None":
        """None when the holder is about to stop, or has stopped: try to become the holder instead."""
        file = _open(folder, "attached.lock")
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        if not is_held(folder):
            file.close()
            return None
        return cls(file)

    def release(self) -> None:
        self._file.close()


def is_held(folder: Path) -> bool:
    """Return whether some process runs the services of this folder."""
    with _open(folder, "instance.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def read_holder(folder: Path) -> Holder | None:
    try:
        return Holder(**json.loads((folder / "instance.lock").read_text()))
    except (OSError, ValueError, TypeError):
        return None  # it is being written at this moment


def _lock_soon(file: IO[str]) -> bool:
    """Take the lock, past those who hold it for an instant to ask whether somebody does."""
    for _ in range(GLANCES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(GLANCE)
        else:
            return True
    return False


def _open(folder: Path, name: str) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / name).open("a+")
    except OSError as error:
        raise DataFolderUnusable(folder, error) from error
