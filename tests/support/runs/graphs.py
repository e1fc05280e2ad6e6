"""Runs of bare graphs, driven by hand: no author's code, no broker."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node, in_order
from pipelines.runs.advance import advance_stage
from pipelines.runs.claims import Attempt, Worker, claim
from pipelines.runs.complete import Result, succeed
from pipelines.runs.request import Origin, RunRequest
from pipelines.runs.submit import submit
from presstime.database import database_now
from presstime.models import Event, OutboxMessage, PipelineRow, Run, Stage, Task, Trigger

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
WORKER = Worker("worker-1", pid=1, lease_seconds=60)
OTHER = Worker("worker-2", pid=2, lease_seconds=60)


def read_items(output: dict[str, Any]) -> list[str]:
    return [json.dumps(value) for value in output["list"]]


def submitted(
    sessions: sessionmaker[Session],
    *nodes: Node,
    name: str = "bare",
    trigger: Trigger = Trigger.CLI,
    policies: dict[str, Any] | None = None,
    code_version: str = "1",
) -> UUID:
    with sessions.begin() as session:
        if session.get(PipelineRow, name) is None:
            session.add(
                PipelineRow(
                    name=name, title=name, description="", source="test", timezone="UTC", created_at=NOW
                )
            )
            session.flush()
        request = RunRequest(
            pipeline=name,
            graph=in_order(nodes),
            code_version=code_version,
            file_sha256="0" * 64,
            timezone="UTC",
            as_of=NOW,
            origin=Origin(trigger),
            policies=policies or {},
        )
        return submit(session, request, read_items).id


def run_of(sessions: sessionmaker[Session], run_id: UUID) -> Run:
    with sessions() as session:
        return session.get_one(Run, run_id)


def tasks_of(sessions: sessionmaker[Session], run_id: UUID, step: str) -> list[Task]:
    with sessions() as session:
        return list(
            session.scalars(
                select(Task).where(Task.run_id == run_id, Task.step == step).order_by(Task.position)
            )
        )


def stages_of(sessions: sessionmaker[Session], run_id: UUID) -> list[Stage]:
    with sessions() as session:
        return list(session.scalars(select(Stage).where(Stage.run_id == run_id).order_by(Stage.number)))


def events_of(sessions: sessionmaker[Session], run_id: UUID) -> list[Event]:
    with sessions() as session:
        return list(session.scalars(select(Event).where(Event.run_id == run_id).order_by(Event.number)))


def asked_of(sessions: sessionmaker[Session]) -> list[OutboxMessage]:
    with sessions() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def claimed(sessions: sessionmaker[Session], task: Task, worker: Worker = WORKER) -> Attempt | None:
    with sessions.begin() as session:
        return claim(session, task.id, worker, lambda *_: True)


def done(
    sessions: sessionmaker[Session], task: Task, output: dict[str, Any] | None = None, worker: Worker = WORKER
) -> bool:
    """Claim a task and let it succeed."""
    attempt = claimed(sessions, task, worker)
    if attempt is None:
        return False
    with sessions.begin() as session:
        return succeed(session, attempt, Result(output=output or {"rows": 1}))


def expire(sessions: sessionmaker[Session], task: Task) -> None:
    """Let the lease of a running task run out."""
    with sessions.begin() as session:
        session.execute(update(Task).where(Task.id == task.id).values(lease_until=database_now(-1)))


def advanced(sessions: sessionmaker[Session], run_id: UUID, stage: Stage | None = None) -> None:
    with sessions.begin() as session:
        advance_stage(session, run_id, stage.id if stage else None, read_items)
