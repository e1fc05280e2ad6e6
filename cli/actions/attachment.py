"""The services that `presstime run` runs on: those that live already, or some that it starts and stops itself."""

import getpass
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.actions.children import (
    KEEPER_TIME,
    START_SECONDS,
    broker_child,
    child_environment,
    command_child,
    demo_address,
    demo_child,
)
from cli.actions.runtimes import open_runtime
from presstime.clock import utc_now
from presstime.errors import PresstimeError
from presstime.settings import Settings
from scheduler.folder_lock import Attachment, DataFolderInUse, FolderLock, is_held
from scheduler.runtime import Runtime
from scheduler.supervisor import LogFolder, Supervisor

KEEPER_DELAY = 3.0  # seconds; when nothing goes wrong it is not needed at all
STOPPING_PATIENCE = 600  # tries to attach, or to become the holder, while another one stops
STOPPING_PAUSE = 0.05  # seconds between two of them


class ServicesGone(PresstimeError):
    """The services that a run was attached to have stopped."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"the services of {folder} stopped while the run was on its way. It is not lost: "
            "`presstime up` goes on with it."
        )


class Services:
    """The services that carry a run out: `start` once nothing can be refused any more; `check` raises when gone."""

    def __init__(self, runtime: Runtime, supervisor: Supervisor | None, folder: Path | None) -> None:
        self.runtime = runtime
        self.actor = getpass.getuser()
        self._supervisor = supervisor
        self._folder = folder

    @property
    def hint(self) -> str:
        """The hint for a person when no worker takes the run."""
        if self._supervisor is not None:
            return "The one that was started for it is still loading its libraries; the first time takes longest."
        return "Is one running? `presstime up` starts one, `presstime worker` another."

    def start(self) -> None:
        if self._supervisor is not None:
            self._supervisor.start()

    def wait_for_broker(self) -> None:
        if self._supervisor is not None:
            self._supervisor.wait_ready("valkey", START_SECONDS)

    def check(self) -> None:
        if self._folder is not None and not is_held(self._folder):
            raise ServicesGone(self._folder)


@contextmanager
def services(settings: Settings) -> Iterator[Services]:
    """Attach to what lives; else hold the data folder and bring up what one run needs, and no more."""
    with ExitStack() as stack:
        if not settings.embedded:
            yield Services(_runtime(settings, stack), None, None)
            return
        lock, attachment = _hold_or_attach(settings)
        if attachment is not None:
            stack.callback(attachment.release)
            yield Services(_runtime(settings, stack), None, settings.data_dir)
            return
        if lock is not None:
            stack.callback(lock.release)
            supervisor = _supervisor(settings, stack)
            stack.callback(supervisor.kill)  # every run is final by then: there is nothing to wait for
            stack.callback(lock.wait_until_alone)  # others may have attached; they see their runs end
            yield Services(_runtime(settings, stack), supervisor, None)


def _hold_or_attach(settings: Settings) -> tuple[FolderLock | None, Attachment | None]:
    for _ in range(STOPPING_PATIENCE):
        if attachment := Attachment.attach(settings.data_dir):
            return None, attachment
        try:
            return FolderLock.acquire(settings.data_dir, "run", utc_now()), None
        except DataFolderInUse:
            time.sleep(STOPPING_PAUSE)  # it came up, or is stopping, at this very moment
    return FolderLock.acquire(settings.data_dir, "run", utc_now()), None


def _runtime(settings: Settings, stack: ExitStack) -> Runtime:
    runtime = open_runtime(settings)
    stack.callback(runtime.engine.dispose)
    return runtime


def _supervisor(settings: Settings, stack: ExitStack) -> Supervisor:
    """A broker without a memory, so that what an earlier one left over stays untouched; a worker; a keeper."""
    url, port = demo_address(settings)
    environment = {**child_environment(settings), "PRESSTIME_DEMO_URL": url}
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="presstime-valkey-")))
    children = [
        broker_child(settings, folder, persistent=False),
        command_child("worker", environment, after=("valkey",)),
        command_child(
            "keeper",
            environment,
            "--since",
            utc_now().strftime(KEEPER_TIME),
            after=("valkey",),
            delay=KEEPER_DELAY,
        ),
    ]
    if port is not None:
        children.append(demo_child(port))
    logs = LogFolder(settings.data_dir / "logs")
    stack.callback(logs.close)
    return Supervisor(children, logs, Path.cwd())
