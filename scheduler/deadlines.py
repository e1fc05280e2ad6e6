"""Has the deadlines of schedules judged once they have passed, also when nothing ran at all."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.schedules.lateness import judge
from pipelines.schedules.stored import name_of
from pipelines.timetables.kinds import BadSchedule
from presstime.clock import utc_now
from presstime.database import database_now, reading
from presstime.models import Lateness, Schedule

log = logging.getLogger("presstime.keeper")

BATCH = 200


def judge_deadlines(sessions: sessionmaker[Session]) -> int:
    """Judge the deadlines that have passed, and return how many instants turned out to be late."""
    with reading(sessions) as session:
        passed = session.scalars(
            select(Schedule.id)
            .where(
                Schedule.judge_at.is_not(None),
                Schedule.judge_at <= database_now(),
                Schedule.removed_at.is_(None),
            )
            .order_by(Schedule.judge_at)
            .limit(BATCH)
        ).all()
    late = 0
    for schedule_id in passed:
        try:
            with sessions.begin() as session:
                missed = judge(session, schedule_id, utc_now())
                lines = [_line(session, firing) for firing in missed]
        except BadSchedule as error:
            log.warning("%s", error)
            continue
        for line in lines:
            log.warning("%s", line)
        late += len(lines)
    return late


def _line(session: Session, late: Lateness) -> str:
    name = name_of(session.get_one(Schedule, late.schedule_id))
    why = f": {late.reason}" if late.reason else ""
    run = f" (run {late.run_id})" if late.run_id else ""
    return f"late: {name} of {late.last_instant:%Y-%m-%d %H:%M}Z, {late.delay.replace('_', ' ')}{why}{run}"
