"""What SQL, the artifact store and the witness say when everything is over; and what was watched meanwhile."""

import io
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pandas as pd
import psutil
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bench._chaos_site import Site
from bench._chaos_work import STEPS, Line, read_witness
from presstime.artifacts import file_key
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Event, Firing, Leader, Report, Run, Task

Row = tuple[str, int, int, str]  # step, item, value, token: a line of the workbook


@dataclass
class Watch:
    """Samples of what SQL does not keep: until when each attempt's lease ran, and who led."""

    leases: dict[tuple[UUID, int], datetime] = field(default_factory=dict)
    ended: dict[tuple[UUID, int], float] = field(default_factory=dict)  # when its process was seen to be gone
    leaders: list[tuple[float, str]] = field(default_factory=list)  # since when, who

    def sample(self, site: Site) -> None:
        for one in site.held():
            key = (one.task, one.attempt)
            self.leases[key] = max(self.leases.get(key, one.lease_until), one.lease_until)
            if _is_gone(one.pid):
                self.ended.setdefault(key, utc_now().timestamp())
        try:
            with reading(site.runtime.sessions) as session:
                holder = session.scalar(select(Leader.holder)) or ""
        except DBAPIError:
            return
        if not self.leaders or self.leaders[-1][1] != holder:
            self.leaders.append((utc_now().timestamp(), holder))


@dataclass(frozen=True)
class Claim:
    """An attempt as the event of its start has it. Times in seconds since 1970."""

    task: UUID
    attempt: int
    pid: int
    at: float
    number: int  # of the event in its run
    following: Event | None  # what happened to the task next


class Ledger:
    def __init__(self, site: Site) -> None:
        self._folder = site.installation.data_dir / "artifacts"
        with reading(site.runtime.sessions) as session:
            self.runs = list(session.scalars(select(Run).order_by(Run.id)))
            self.tasks = list(session.scalars(select(Task).order_by(Task.run_id, Task.position)))
            self.events = list(session.scalars(select(Event).order_by(Event.run_id, Event.number)))
            self.reports = list(session.scalars(select(Report)))
            self.firings = list(session.scalars(select(Firing).order_by(Firing.instant)))
        self.witness = read_witness(site.witness) if site.witness.exists() else []
        self.begins = {line.token: line for line in self.witness if line.kind == "begin"}
        self.ends: dict[str, list[Line]] = defaultdict(list)
        for line in self.witness:
            if line.kind == "end":
                self.ends[line.token].append(line)
        self.claims = self._claims()

    def rows(self, report: Report) -> list[Row]:
        """The lines of a workbook."""
        body = Path(self._folder / file_key(report.sha256)).read_bytes()
        book = load_workbook(io.BytesIO(body), read_only=True)
        try:
            cells = [row[:4] for row in book.worksheets[0].iter_rows(values_only=True)]
        finally:
            book.close()
        return [(str(a), int(str(b)), int(str(c)), str(d)) for a, b, c, d in cells if a in STEPS]

    def frame(self, task: Task) -> list[Row]:
        """The lines of a frame that a task's recorded output names."""
        table = pd.read_parquet(self._folder / str((task.output or {})["key"]))
        return [(str(a), int(b), int(c), str(d)) for a, b, c, d in table.itertuples(index=False, name=None)]

    def _claims(self) -> dict[UUID, list[Claim]]:
        by_task: dict[UUID, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.task_id is not None:
                by_task[event.task_id].append(event)
        return {
            task: [
                Claim(
                    task,
                    int(event.data["attempt"]),
                    int(event.data["pid"]),
                    event.at.timestamp(),
                    event.number,
                    events[place + 1] if place + 1 < len(events) else None,
                )
                for place, event in enumerate(events)
                if event.kind == "task.running"
            ]
            for task, events in by_task.items()
        }


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
