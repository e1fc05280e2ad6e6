"""A real RabbitMQ for the tests: one node with a name, a cookie and an epmd of its own, in a temporary folder."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import amqp
import psutil

from tests.support.waiting import until

DEBIAN = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # the one on the PATH runs as another user, or not at all
START_SECONDS = 90  # it takes five, most of it processor time
PATIENCE_MS = (
    3000  # for an acknowledgement; otherwise 30 minutes. Who needs more is served anew, and nothing breaks
)

ARGUMENTS = (
    "-kernel inet_dist_use_interface {127,0,0,1}",
    f"-rabbit consumer_timeout {PATIENCE_MS}",
    "-rabbit channel_tick_interval 100",
    "-rabbit disk_free_limit 1000000",  # a machine whose disk is nearly full still runs its tests
)


def find_server() -> str | None:
    """None where it is not installed."""
    return str(DEBIAN) if DEBIAN.exists() else shutil.which("rabbitmq-server")


class RabbitServer:
    """Ended by its process ids. `kill` and `stop` keep its data for the next `start`, `remove` keeps nothing."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self._folder = Path(tempfile.mkdtemp(prefix="presstime-mq-"))
        self._port, self._distribution, self._epmd_port = _free_ports(3)
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        (self._folder / "plugins").write_text("[].\n")
        self._node: subprocess.Popen[bytes] | None = None
        # A node that finds no epmd starts one that outlives it. This one is ours to end.
        self._epmd = self._spawn("epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port))

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def connect(self) -> amqp.Connection:
        return amqp.Connection(f"127.0.0.1:{self._port}")

    def start(self) -> None:
        self._wait(lambda: _listens(self._epmd_port), self._epmd)
        self._node = self._spawn(self._binary)
        self._wait(self._answers, self._node)

    def freeze(self) -> None:
        """Keep the port open and answer nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def remove(self) -> None:
        if self._node is not None:
            self.kill()
        self._epmd.kill()
        self._epmd.wait(START_SECONDS)
        shutil.rmtree(self._folder)

    def _spawn(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self._folder / "out.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=self._environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))
        }
        own = {
            "NODENAME": f"presstime-{self._port}@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": self._port,
            "DIST_PORT": self._distribution,
            "MNESIA_BASE": self._folder / "data",
            "LOG_BASE": self._folder / "log",
            "ENABLED_PLUGINS_FILE": self._folder / "plugins",
            "CONF_ENV_FILE": os.devnull,
            "CONFIG_FILE": self._folder / "none",
            "ADVANCED_CONFIG_FILE": self._folder / "none",
            "SERVER_ADDITIONAL_ERL_ARGS": " ".join(ARGUMENTS),
        }
        return {
            **kept,
            "HOME": str(self._folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            **{f"RABBITMQ_{name}": str(value) for name, value in own.items()},
        }

    def _signal(self, number: int) -> "subprocess.Popen[bytes]":
        if self._node is None:
            raise RuntimeError("the node is not running")
        # A shell script started the node and waits for it: ended first, it would leave nobody to reap the node.
        script = psutil.Process(self._node.pid)
        for process in script.children() or [script]:
            process.send_signal(number)
        return self._node

    def _end(self, number: int) -> None:
        self._signal(number).wait(START_SECONDS)
        self._node = None

    def _answers(self) -> bool:
        connection = self.connect()
        try:
            connection.connect()
        except OSError:
            return False
        else:
            return True
        finally:
            connection.collect()

    def _wait(self, condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
        until(condition, "RabbitMQ", seconds=START_SECONDS, process=process, details=self._log)

    def _log(self) -> str:
        return (self._folder / "out.log").read_text()[-3000:]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
