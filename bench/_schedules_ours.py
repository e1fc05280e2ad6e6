"""Schedules as rows of Presstime, their alarms projected from them; a real worker, beat and keeper."""

import shutil
import time
from collections.abc import Sequence
from datetime import datetime

from redbeat.schedulers import ensure_conf, get_redis
from sqlalchemy import Select, func, insert, literal, select

from bench import _schedules_pipeline
from bench._installation import PATIENCE, Installation
from bench._schedules_side import Side, lines, sleep_until
from pipelines.schedules.sync import sync
from pipelines.timetables.kinds import Cron, Once, to_json
from pipelines.timetables.kinds import Schedule as Declared
from presstime.clock import utc_now
from presstime.database import reading
from presstime.ids import new_id
from presstime.migrations import ensure_current
from presstime.models import Heartbeat, Run, RunState, Schedule
from scheduler.beat import Scheduler
from scheduler.celery_app import create_app
from scheduler.projection import OVERLAP, Projection
from scheduler.runtime import runtime_of

LOOK = 0.004  # seconds between two looks at how many runs are there
BATCH = 5_000


class Presstime(Side):
    name = "Presstime"

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        shutil.copy(_schedules_pipeline.__file__, installation.pipelines / "tick.py")
        self.app = create_app(lambda: installation.settings)
        self._runtime = runtime_of(self.app)
        ensure_current(self._runtime.engine, create=True)
        with self._runtime.sessions.begin() as session:
            sync(session, self._runtime.registry, utc_now())

    def load(self, size: int) -> float:
        made = utc_now() - 2 * OVERLAP  # as they are after a while: none of them changed just now
        self._add([Cron(line, name=f"daily-{number}") for number, line in enumerate(lines(size))], made)
        began = time.perf_counter()
        Projection(self.app, self._runtime.sessions).look_at_all(utc_now(), time.monotonic())
        return time.perf_counter() - began

    def _add(self, declared: Sequence[Declared], made: datetime) -> None:
        now = utc_now()
        fixed = {"pipeline": "tick", "timezone": "UTC", "cursor": now, "version": 1}
        fixed |= {"created_at": made, "updated_at": made}
        for first in range(0, len(declared), BATCH):
            rows = [
                {"id": new_id(), "name": one.name, "spec": to_json(one), **fixed}
                for one in declared[first : first + BATCH]
            ]
            with self._runtime.sessions.begin() as session:
                session.execute(insert(Schedule), rows)

    def scheduler(self) -> Scheduler:
        return Scheduler(self.app)

    def make_due(self, keys: list[str]) -> None:
        past = time.time() - 1
        get_redis(self.app).zadd(ensure_conf(self.app).schedule_key, dict.fromkeys(keys, past))

    def start_beat(self) -> int:
        process = self.installation.start_python("beat", "-m", "cli", "beat")
        self.installation.wait("beat's first tick", self._beats)
        return process.pid

    def _beats(self) -> bool | None:
        with reading(self._runtime.sessions) as session:
            return session.scalar(select(literal(value=True)).where(Heartbeat.kind == "beat")) or None

    def start_worker(self) -> int:
        self.installation.start_python("keeper", "-m", "cli", "keeper")
        return self.installation.start_python("worker", "-m", "cli", "worker").pid

    def ring_at(self, instant: datetime, together: int) -> list[float]:
        """New rows, whose alarms the keeper sets. A run is there when another transaction sees it: committed."""
        self._add([Once(instant, name=f"at-{instant:%H%M%S}-{n}") for n in range(together)], utc_now())
        sleep_until(instant)
        lags: list[float] = []
        query = select(func.count()).where(Run.scheduled_for == instant)
        while (seen := len(lags)) < together:
            lags += [time.time() - instant.timestamp()] * (self._count(query) - seen)
            time.sleep(LOOK)
            if time.time() - instant.timestamp() > PATIENCE:
                raise self.installation.failed(f"{seen} of {together} runs after {PATIENCE:.0f} s")
        return lags

    def finish(self) -> None:
        unfinished = select(func.count()).where(Run.state != RunState.SUCCEEDED)
        self.installation.wait("the end of the runs", lambda: self._count(unfinished) == 0 or None)

    def _count(self, query: Select[int]) -> int:
        with reading(self._runtime.sessions) as session:
            return session.scalar(query) or 0

    def close(self) -> None:
        self.app.close()
        self._runtime.engine.dispose()
