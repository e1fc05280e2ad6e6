"""`presstime up`: everything at once, watched over until Ctrl-C."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cli.actions.children import (
    START_SECONDS,
    broker_child,
    child_environment,
    command_child,
    demo_address,
    demo_child,
    free_port,
    listens,
)
from cli.actions.runtimes import DEMO_PIPELINES, open_runtime
from pipelines.schedules.presence import ensure_all
from presstime.clock import utc_now
from presstime.logs import configure_logs
from presstime.settings import Settings, api_token
from scheduler.folder_lock import FolderLock, Holder
from scheduler.supervisor import Child, LogFolder, Supervisor, line_printer

WORKER_STOP_MARGIN = 10.0  # seconds that a worker has to hand back what its tasks could not end in their time


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
        ensure_all(session, runtime.registry, utc_now())
    api_token(settings)
    runtime.engine.dispose()


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
    children.append(replace(api, ready=lambda: listens(settings.api_host, api_port)))
    worker = command_child("worker", environment, after=after)
    children.append(replace(worker, stop_seconds=settings.shutdown_seconds + WORKER_STOP_MARGIN))
    children += [command_child(name, environment, after=after) for name in ("beat", "keeper")]
    return children


def _until_signalled(supervisor: Supervisor, ready: Callable[[], None]) -> None:
    stop = threading.Event()
    killed = threading.Event()

    def on_signal(number: int, frame: object) -> None:  # noqa: ARG001 # the signature that Python asks for
        if stop.is_set():
            killed.set()
            supervisor.kill()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    supervisor.start()
    try:
        supervisor.wait_ready("api", START_SECONDS)
        ready()
        stop.wait()
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
