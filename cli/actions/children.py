"""The child processes behind `up` and `run`: which there are, and how each is started."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from presstime.errors import PresstimeError
from presstime.settings import Settings
from scheduler.supervisor import Child
from scheduler.valkey import answers, find_server, server_command, socket_path

START_SECONDS = 30.0  # in which the broker and the API have to answer
KEEPER_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"  # how `presstime keeper --since` reads an instant


class PortTaken(PresstimeError):
    """Another program listens where one of ours was to."""

    def __init__(self, host: str, port: int, variable: str) -> None:
        super().__init__(f"port {port} on {host} is taken by another program. Stop it, or set {variable}.")


def child_environment(settings: Settings) -> dict[str, str]:
    """This process's variables, with folders that mean the same from anywhere."""
    folders = os.pathsep.join(map(str, settings.pipelines))
    return {**os.environ, "PRESSTIME_DATA_DIR": str(settings.data_dir), "PRESSTIME_PIPELINES": folders}


def broker_child(settings: Settings, folder: Path, *, persistent: bool) -> Child:
    path = socket_path(settings.data_dir)
    command = server_command(find_server(), path, folder, persistent=persistent)
    return Child("valkey", command, ready=lambda: answers(path))


def demo_child(port: int) -> Child:
    argv = [sys.executable, "-P", "-m", "demo", "--host", "127.0.0.1", "--port", str(port)]
    return Child("demo", argv, ready=lambda: listens("127.0.0.1", port))


def command_child(
    name: str, environment: Mapping[str, str], *words: str, after: tuple[str, ...], delay: float = 0.0
) -> Child:
    # -P: a folder of the user's that is called like one of ours must not stand in for it.
    argv = [sys.executable, "-P", "-m", "cli", name, *words]
    return Child(name, argv, environment, after=after, delay=delay)


def demo_address(settings: Settings) -> tuple[str, int | None]:
    """The site's URL, and the port to serve it on; None when somebody else serves it."""
    if settings.demo_url:
        return settings.demo_url, None
    try:
        port = free_port("127.0.0.1", settings.demo_port, "PRESSTIME_DEMO_PORT")
    except PortTaken:
        port = free_port("127.0.0.1", 0, "PRESSTIME_DEMO_PORT")
    return f"http://127.0.0.1:{port}", port


def free_port(host: str, port: int, variable: str) -> int:
    """`port` if it can be had, or a free one for 0; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port, variable) from error
        return int(probe.getsockname()[1])


def listens(host: str, port: int) -> bool:
    """Return whether somebody takes connections at that address."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
