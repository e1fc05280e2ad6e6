"""Schedule rows for these tests, and what Redis holds of them."""

from datetime import UTC, datetime
from uuid import UUID

from celery import Celery
from redbeat.schedulers import ensure_conf, get_redis
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.timetables.kinds import Cron, to_json
from presstime.ids import new_id
from presstime.models import Schedule

Sessions = sessionmaker[Session]
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def row(name: str, expression: str = "0 6 * * *", **values: object) -> dict[str, object]:
    """A schedule of New York; its cursor lies in the past."""
    return {
        "id": new_id(),
        "pipeline": "sales",
        "name": name,
        "spec": to_json(Cron(expression, name=name)),
        "timezone": "America/New_York",
        "cursor": SUMMER,
        "version": 1,
        "created_at": SUMMER,
        "updated_at": SUMMER,
    } | values


def add(sessions: Sessions, name: str, expression: str = "0 6 * * *", **values: object) -> UUID:
    with sessions.begin() as session:
        session.add(made := Schedule(**row(name, expression, **values)))
    return made.id


def change(sessions: Sessions, schedule_id: UUID, **values: object) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Schedule).where(Schedule.id == schedule_id).values(version=Schedule.version + 1, **values)
        )


def entries(app: Celery) -> dict[str, float]:
    """The keys of RedBeat's entries, and when each is due."""
    zset = ensure_conf(app).schedule_key
    return dict(get_redis(app).zrange(zset, 0, -1, withscores=True))
