"""The work as a Presstime pipeline on a worker of its own, with SQLite. Needs no keeper."""

import shutil
import time
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from bench import _measured
from bench._installation import Installation
from bench._side import Asked, Ended, Side
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.artifacts import file_key
from presstime.clock import utc_now
from presstime.database import reading
from presstime.migrations import upgrade
from presstime.models import Event, File, Report, Run, RunState, Stage, Task, Trigger
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime
from scheduler.worker import RENEWER_DELAY

KINDS = 3  # of steps: those of bench/_measured.py
COUNTED = (Run, Task, Stage, Event, Report, File)  # the tables that a run leaves rows in


class Presstime(Side):
    name = "Presstime"
    # The renewer of leases starts late and imports for a while, which would count as the runs' own time.
    helper_delay = RENEWER_DELAY + 0.5

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        shutil.copy(_measured.__file__, installation.pipelines / "measured.py")
        # Who asks for a run promises it at commit, as the API and the command line do.
        self._runtime = Runtime.open(installation.settings, durable=True)
        upgrade(self._runtime.engine)
        with self._runtime.sessions.begin() as session:
            sync(session, self._runtime.registry, utc_now())
        self._app = create_app(lambda: installation.settings)
        self._publisher = Publisher(self._app, self._runtime)
        self.worker = installation.start_python("worker", "-m", "bench._presstime_worker")

    def ask(self) -> Asked:
        at = time.time()
        runtime = self._runtime
        request = request_run(
            runtime.registry.get("measured"),
            params={},
            interval=None,
            as_of=utc_now(),
            origin=Origin(Trigger.CLI),
        )
        with runtime.sessions() as session, session.begin():
            run = submit(session, request, runtime.items)
        self._publisher.publish_enqueued(session)
        return Asked(str(run.id), at)

    def wait(self, asked: Asked) -> Ended:
        run = self._installation.wait(f"run {asked.key}", lambda: self._final(UUID(asked.key)))
        if run.state is not RunState.SUCCEEDED or run.finished_at is None:
            raise self._installation.failed(f"run {run.id} is {run.state}: {run.error}")
        with reading(self._runtime.sessions) as session:
            sha256 = session.scalars(select(Report.sha256).where(Report.run_id == run.id)).one()
        folder = Path(self._installation.data_dir / "artifacts")
        return Ended(run.finished_at.timestamp(), folder / file_key(sha256))

    def close(self) -> None:
        self._app.close()
        self._runtime.engine.dispose()
        # The application keeps the results of every chord that it sent, and they want the server to go.
        del self._app, self._publisher

    def seasoned(self) -> set[int]:
        executed = select(Task.pid).group_by(Task.pid).having(func.count(Task.step.distinct()) == KINDS)
        with reading(self._runtime.sessions) as session:
            return {pid for pid in session.scalars(executed) if pid is not None}

    def rows_written(self) -> dict[str, int]:
        with reading(self._runtime.sessions) as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
                for table in COUNTED
            }

    def _final(self, run_id: UUID) -> Run | None:
        with reading(self._runtime.sessions) as session:
            run = session.get_one(Run, run_id)
            return run if run.state in RUN_FINAL else None
