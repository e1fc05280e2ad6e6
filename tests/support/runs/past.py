"""Runs of long ago, with all that they leave behind, and an inventory of what there is."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.retention.policy import Keep, Tally
from pipelines.runs.retention.prune import clock, prune
from pipelines.runs.retention.pruning import nobody_minds
from presstime.artifacts import FILES_PREFIX, Artifacts, StoredFile, file_key
from presstime.clock import utc_now
from presstime.database import insert_or_ignore, table_of
from presstime.ids import first_id
from presstime.models import (
    Event,
    File,
    PipelineRow,
    Report,
    Run,
    RunState,
    Snapshot,
    Stage,
    StageKind,
    StepKind,
    Task,
    TaskState,
    Trigger,
)
from presstime.models.base import Base
from presstime.sweeping import objects_below

KEEP = Keep(frames_days=14, events_days=90, runs_days=365, runs_count=0)
FRAME = b"rows and columns"


def id_at(instant: datetime) -> UUID:
    """An id as one made at that instant has it."""
    return UUID(int=first_id(instant).int | secrets.randbits(62))


@dataclass
class Past:
    """Makes runs that ended `days` ago, and prunes."""

    sessions: sessionmaker[Session]
    artifacts: Artifacts
    now: datetime = field(default_factory=utc_now)
    reports: int = 0

    def run(
        self,
        days: float,
        *,
        pipeline: str = "sales",
        state: RunState = RunState.SUCCEEDED,
        made: float | None = None,
        tasks: int = 2,
        fetched: Sequence[bytes] = (),
        report: bytes | None = None,
        frame: bytes | None = FRAME,
        pins: dict[str, Any] | None = None,
    ) -> UUID:
        """A run with its rows, and its objects in the store. `made` days ago, else just before its end."""
        ended = self.now - timedelta(days=days)
        begun = ended - timedelta(seconds=90) if made is None else self.now - timedelta(days=made)
        run_id = id_at(begun)
        rows = run_rows(run_id, begun, ended, pipeline=pipeline, state=state, tasks=tasks, pins=pins)
        first = rows["tasks"][0]["id"]
        if frame is not None:
            with self.artifacts.draft(f"runs/{run_id}/{first}/1/result.parquet") as path:
                path.write_bytes(frame)
        files = [self.artifacts.put_bytes(body, "text/plain") for body in fetched]
        made_of = self.artifacts.put_bytes(report, "text/plain") if report is not None else None
        with self.sessions.begin() as session:
            ensure_pipeline(session, pipeline)
            insert_rows(session, rows)
            keep_files(session, [*files, *([made_of] if made_of else [])])
            for position, file in enumerate(files):
                session.add(snapshot_row(run_id, first, position, file, ended))
            if made_of:
                self.reports += 1
                session.add(report_row(run_id, first, self.reports, made_of, pipeline, ended))
        return run_id

    def prune(
        self,
        keep: Keep = KEEP,
        *,
        dry: bool = False,
        heed: Callable[[], None] = nobody_minds,
        settled: datetime | None = None,
    ) -> Tally:
        return prune(self.sessions, self.artifacts, keep, self.now, dry=dry, heed=heed, settled=settled)

    def database_time(self) -> datetime:
        with self.sessions() as session:
            return clock(session)

    def runs(self) -> set[UUID]:
        with self.sessions() as session:
            return set(session.scalars(select(Run.id)))

    def with_events(self) -> set[UUID]:
        with self.sessions() as session:
            return set(session.scalars(select(Event.run_id)))

    def with_frames(self) -> set[UUID]:
        return {UUID(key.split("/")[1]) for key in self.keys("runs")}

    def files(self) -> set[bytes]:
        """The bytes of all files that are in their place."""
        return {self.artifacts.read(key) for key in self.keys(FILES_PREFIX.rstrip("/"))}

    def keys(self, prefix: str) -> list[str]:
        return sorted(one.key for page in objects_below(self.artifacts, prefix) for one in page)

    def inventory(self) -> dict[str, int]:
        """How many rows each table has, and how many objects lie below each prefix of the store."""
        with self.sessions() as session:
            rows = {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }
        return rows | {f"{prefix}/": len(self.keys(prefix)) for prefix in ("runs", "files", "trash")}

    def broken(self) -> list[str]:
        """Files that a report or a snapshot refers to, and that cannot be read."""
        with self.sessions() as session:
            shas = {*session.scalars(select(Report.sha256)), *session.scalars(select(Snapshot.sha256))}
        return sorted(sha for sha in shas if not self.artifacts.readable(file_key(sha)))


def ensure_pipeline(session: Session, name: str) -> None:
    row = {"name": name, "title": name, "description": "", "source": "test", "timezone": "UTC"}
    session.execute(insert_or_ignore(session, PipelineRow).values(**row, created_at=utc_now()))


def run_rows(
    run_id: UUID,
    begun: datetime,
    ended: datetime,
    *,
    pipeline: str = "sales",
    state: RunState = RunState.SUCCEEDED,
    tasks: int = 2,
    pins: dict[str, Any] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """What a finished run has in `runs`, `stages`, `tasks` and `events`."""
    stage = id_at(begun)
    over = state not in {RunState.QUEUED, RunState.RUNNING}
    run: dict[str, Any] = {
        **{name: {} for name in ("params", "graph", "policies", "expanded")},
        "id": run_id,
        "pipeline": pipeline,
        "state": state,
        "trigger": Trigger.CLI,
        "pins": pins or {},
        "code_version": "1",
        "file_sha256": "0" * 64,
        "as_of": begun,
        "timezone": "UTC",
        "notes": [],
        "priority": 0,
        "generation": 1,
        "created_at": begun,
        "finished_at": ended if over else None,
    }
    task_state = TaskState.FAILED if state is RunState.FAILED else TaskState.SUCCEEDED
    return {
        "runs": [run],
        "stages": [
            {
                "id": stage,
                "run_id": run_id,
                "number": 1,
                "generation": 1,
                "kind": StageKind.CHAIN,
                "mapped": False,
                "size": tasks,
                "open_tasks": 0,
                "lane": "express",
                "more": False,
                "published": 1,
                "created_at": begun,
            }
        ],
        "tasks": [
            {
                "id": id_at(begun),
                "run_id": run_id,
                "step": f"step{number}",
                "kind": StepKind.EXTRACT,
                "item_key": "",
                "position": 0,
                "state": task_state,
                "stage_id": stage,
                "branch": 0,
                "place": number,
                "waiting": False,
                "attempt": 1,
                "errors": 0,
                "losses": 0,
                "log": "a line",
                "output": {"kind": "none"},
                "created_at": begun,
                "started_at": begun,
                "finished_at": ended,
            }
            for number in range(tasks)
        ],
        "events": [
            {"run_id": run_id, "number": number, "at": begun, "kind": "task.succeeded", "data": {}}
            for number in range(1, tasks + 3)
        ],
    }


def insert_rows(session: Session, rows: dict[str, list[dict[str, Any]]]) -> None:
    for model in (Run, Stage, Task, Event):
        session.execute(insert(table_of(model)), rows[model.__tablename__])


def many_runs(sessions: sessionmaker[Session], number: int, tasks: int) -> datetime:
    """From 400 days ago on, seconds apart; when the first one was."""
    begun = utc_now() - timedelta(days=400)
    with sessions.begin() as session:
        ensure_pipeline(session, "sales")
        rows: dict[str, list[dict[str, Any]]] = {"runs": [], "stages": [], "tasks": [], "events": []}
        for count in range(number):
            at = begun + timedelta(seconds=count)
            for table, new in run_rows(id_at(at), at, at, tasks=tasks).items():
                rows[table] += new
        insert_rows(session, rows)
    return begun


def keep_files(session: Session, files: Sequence[StoredFile]) -> None:
    for file in files:
        row = {"sha256": file.sha256, "bytes": file.bytes, "media_type": file.media_type}
        session.execute(insert_or_ignore(session, File).values(**row, created_at=utc_now()))


def snapshot_row(run_id: UUID, task_id: UUID, position: int, file: StoredFile, at: datetime) -> Snapshot:
    return Snapshot(
        run_id=run_id,
        task_id=task_id,
        attempt=1,
        position=position,
        method="GET",
        url="https://example.org",
        status=200,
        media_type=file.media_type,
        sha256=file.sha256,
        bytes=file.bytes,
        fetched_at=at,
    )


def report_row(  # noqa: PLR0917 # the columns of the row
    run_id: UUID, task_id: UUID, version: int, file: StoredFile, pipeline: str, at: datetime
) -> Report:
    return Report(
        run_id=run_id,
        task_id=task_id,
        attempt=1,
        pipeline=pipeline,
        step="book",
        name="book",
        filename="book.xlsx",
        format="xlsx",
        version=version,
        sha256=file.sha256,
        bytes=file.bytes,
        manifest={},
        created_at=at,
    )
