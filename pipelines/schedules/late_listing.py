"""Lists what was late, with what became of it since."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from pipelines.schedules.stored import name_of
from pipelines.zones import zone_of
from presstime.models import Delay, Firing, Lateness, Run, RunState, Schedule


@dataclass(frozen=True)
class Late:
    """Instants from `first` to `last`. `run` is theirs, also one that was started after the deadline."""

    id: UUID
    pipeline: str
    schedule: str
    zone: ZoneInfo
    first: datetime
    last: datetime
    count: int
    deadline: datetime
    delay: Delay
    reason: str | None
    noticed_at: datetime
    run: UUID | None
    run_state: RunState | None
    run_finished_at: datetime | None


def newest_late(
    session: Session, *, pipeline: str | None = None, before: UUID | None = None, limit: int
) -> list[Late]:
    """The newest first; with `before`, those older than that one."""
    query = (
        select(Lateness, Schedule, Run)
        .join(Schedule, Schedule.id == Lateness.schedule_id)
        .outerjoin(
            Firing, and_(Firing.schedule_id == Lateness.schedule_id, Firing.instant == Lateness.last_instant)
        )
        .outerjoin(Run, Run.id == func.coalesce(Lateness.run_id, Firing.run_id))
        .order_by(Lateness.id.desc())
        .limit(limit)
    )
    if pipeline is not None:
        query = query.where(Schedule.pipeline == pipeline)
    if before is not None:
        query = query.where(Lateness.id < before)
    return [_late(*row) for row in session.execute(query)]


def _late(late: Lateness, schedule: Schedule, run: Run | None) -> Late:
    return Late(
        id=late.id,
        pipeline=schedule.pipeline,
        schedule=name_of(schedule),
        zone=zone_of(schedule.timezone),
        first=late.instant,
        last=late.last_instant,
        count=late.count,
        deadline=late.deadline,
        delay=late.delay,
        reason=late.reason,
        noticed_at=late.noticed_at,
        run=run.id if run else None,
        run_state=run.state if run else None,
        run_finished_at=run.finished_at if run else None,
    )
