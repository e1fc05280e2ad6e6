"""The processes behind the commands `up` and `run`: which there are, and how they are started and stopped."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import create_engine
from presstime.errors import PresstimeError
from presstime.logs import configure_logs
from presstime.migrations import ensure_current
from presstime.settings import PROJECT, Settings, api_token, make_data_folder
from scheduler.folder_lock import FolderLock, Holder
from scheduler.runtime import Runtime
from scheduler.supervisor import Child, LogFolder, Supervisor, line_printer
from scheduler.valkey import answers, find_server, server_command, socket_path

WORKER_STOP_MARGIN = 10.0  # seconds that a worker has to hand back what its tasks could not end in their time
START_SECONDS = 30.0  # in which the broker and the API have to answer
DEMO_PIPELINES = PROJECT / "demo" / "pipelines"
KEEPER_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"  # how `presstime keeper --since` reads an instant


class PortTaken(PresstimeError):
    def __init__(self, host: str, port: int, variable: str) -> None:
        super().__init__(f"port {port} on {host} is taken by another program. Stop it, or set {variable}.")


def serve_all(settings: Settings, *, demo: bool) -> None:
    """`presstime up`: everything, until SIGINT or SIGTERM; a second one ends it at once."""
    configure_logs(settings.log_level, settings.log_format)
    with ExitStack() as stack:
        lock = FolderLock.acquire(settings.data_dir, "up", utc_now())
        stack.callback(lock.release)
        api_port = free_port(settings.api_host, settings.api_port, "PRESSTIME_API_PORT")
        prepare(settings, demo=demo)
        url = f"http://{settings.api_host}:{api_port}"
        lock.describe(Holder(os.getpid(), "up", utc_now().isoformat(timespec="seconds"), url))
        children = _all_children(settings, api_port, demo=demo)
        width = max(len(child.name) for child in children)
        logs = LogFolder(settings.data_dir / "logs")
        printer = line_printer(sys.stdout, width)
        supervisor = Supervisor(children, _both(printer, logs), Path.cwd())
        _until_signalled(supervisor, lambda: _welcome(settings, url))
        logs.close()


def prepare(settings: Settings, *, demo: bool = False) -> None:
    """An up-to-date database that knows the pipelines, and a token."""
    runtime = open_runtime(settings, demo=demo)
    with runtime.sessions.begin() as session:
        sync(session, runtime.registry, utc_now())
    api_token(settings)
    runtime.engine.dispose()


def open_runtime(settings: Settings, *, demo: bool = False) -> Runtime:
    """The runtime of a command that writes."""
    folders = (*settings.pipelines, DEMO_PIPELINES) if demo else settings.pipelines
    ensure_database(settings)
    return Runtime.open(settings.model_copy(update={"pipelines": folders}), durable=True)


def ensure_database(settings: Settings) -> None:
    """The embedded database is made when it is missing; one that was named is only looked at."""
    make_data_folder(settings.data_dir)
    engine = create_engine(settings.effective_database_url)
    ensure_current(engine, create=settings.database_url == "")
    engine.dispose()


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
    return Child("demo", argv, ready=lambda: _listens("127.0.0.1", port))


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


def _all_children(settings: Settings, api_port: int, *, demo: bool) -> list[Child]:
    environment = {**child_environment(settings), "PRESSTIME_API_PORT": str(api_port)}
    children = []
    if demo:
        url, port = demo_address(settings)
        folders = (*settings.pipelines, DEMO_PIPELINES)
        environment |= {"PRESSTIME_DEMO_URL": url, "PRESSTIME_PIPELINES": os.pathsep.join(map(str, folders))}
        if port is not None:
            children.append(demo_child(port))
    after: tuple[str, ...] = ()
    if settings.embedded:
        children.append(broker_child(settings, settings.data_dir / "valkey", persistent=True))
        after = ("valkey",)
    api = command_child("api", environment, after=after)
    children.append(replace(api, ready=lambda: _listens(settings.api_host, api_port)))
    worker = command_child("worker", environment, after=after)
    children.append(replace(worker, stop_seconds=settings.shutdown_seconds + WORKER_STOP_MARGIN))
    children += [command_child(name, environment, after=after) for name in ("beat", "keeper")]
    return children


def _until_signalled(supervisor: Supervisor, ready: Callable[[], None]) -> None:
    told = threading.Event()
    killed = threading.Event()

    def on_signal(number: int, frame: object) -> None:  # noqa: ARG001 # the signature that Python asks for
        if told.is_set():
            killed.set()
            supervisor.kill()
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    supervisor.start()
    try:
        supervisor.wait_ready("api", START_SECONDS)
        ready()
        told.wait()
    finally:
        supervisor.stop()


def _welcome(settings: Settings, url: str) -> None:
    sys.stdout.write(
        f"Presstime is up: {url} (token in {settings.data_dir / 'token'}). Stop it with Ctrl-C.\n"
    )
    sys.stdout.flush()


def _both(
    first: Callable[[str, str], None], second: Callable[[str, str], None]
) -> Callable[[str, str], None]:
    def write(name: str, line: str) -> None:
        first(name, line)
        second(name, line)

    return write


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
