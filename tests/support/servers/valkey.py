"""A real Valkey for the tests: the binary that Presstime itself starts, on a unix socket."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from redis import Redis

from scheduler.valkey import answers, broker_url, find_server, results_url, server_command, socket_path
from tests.support.waiting import PATIENCE, until


def spawn(
    data_dir: Path, folder: Path, *, persistent: bool = False, log: "IO[str] | int" = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    """Start the server of a data folder, which keeps its files in `folder`; it answers already."""
    socket = socket_path(data_dir)
    command = server_command(find_server(), socket, folder, persistent=persistent)
    process = subprocess.Popen(command, stdout=log, stderr=log, text=True, start_new_session=True)
    try:
        until(lambda: answers(socket), f"a Valkey at {socket}", process=process)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


@contextmanager
def running_valkey(data_dir: Path, *, persistent: bool = True) -> Iterator[Path]:
    """The server of a data folder; its socket. Told to stop at the end, as a supervisor does."""
    process = spawn(data_dir, data_dir / "valkey", persistent=persistent)
    try:
        yield socket_path(data_dir)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


class ValkeyServer:
    """A server in a folder of its own with a short name; `stop` keeps nothing for the next `start`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pt-")
        self._data_dir = Path(self._folder.name)
        self.socket = socket_path(self._data_dir)
        try:
            self.start()
        except BaseException:
            self._folder.cleanup()
            raise

    def start(self) -> None:
        self._process = spawn(self._data_dir, self._data_dir)

    @property
    def broker_url(self) -> str:
        return broker_url(self.socket)

    @property
    def results_url(self) -> str:
        return results_url(self.socket)

    def queued(self, queue: str) -> int:
        """How many messages wait in a queue of Celery's."""
        with Redis(unix_socket_path=str(self.socket)) as client:
            length: int = client.llen(queue)
            return length

    def freeze(self) -> None:
        """Keep the socket open and answer nothing any more."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        self.socket.unlink(missing_ok=True)

    def remove(self) -> None:
        self.stop()
        self._folder.cleanup()
