"""Deadlines that passed are judged by the keeper, also when nothing ran; no schedule keeps others from it."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from pipelines.timetables.kinds import Cron, to_json
from presstime.clock import utc_now
from presstime.models import Schedule
from scheduler.deadlines import judge_deadlines
from tests.support.alarms import add

Sessions = sessionmaker[Session]
SPEC = to_json(Cron("0 6 * * *", name="daily", by=timedelta(hours=1)))


def overdue(sessions: Sessions, name: str, **values: object) -> UUID:
    """A schedule that nobody has looked at for three days, and whose first deadline passed since."""
    begun = utc_now() - timedelta(days=3)
    times = {"judged": begun, "followed_since": begun, "created_at": begun, "cursor": begun}
    given: dict[str, Any] = {"spec": SPEC, "judge_at": begun + timedelta(hours=1)} | times | values
    return add(sessions, name, **given)


def test_what_was_due_and_never_ran_is_told_once(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    schedule_id = overdue(sessions, "daily")

    with caplog.at_level(logging.WARNING, "presstime.keeper"):
        late = judge_deadlines(sessions)

    told = [message for message in caplog.messages if message.startswith("late: sales/daily of ")]
    assert len(told) == late > 1
    assert judge_deadlines(sessions) == 0
    with sessions() as session:
        next_deadline = session.get_one(Schedule, schedule_id).judge_at
        assert next_deadline is not None
        assert next_deadline > utc_now()


def test_a_schedule_that_was_removed_is_never_late(sessions: Sessions) -> None:
    overdue(sessions, "daily", removed_at=utc_now())

    assert judge_deadlines(sessions) == 0


def test_a_schedule_that_cannot_be_read_does_not_keep_others_from_being_judged(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    overdue(
        sessions, "broken", spec=SPEC | {"expression": "61 * * * *"}, judge_at=utc_now() - timedelta(days=9)
    )
    overdue(sessions, "daily")

    assert judge_deadlines(sessions) > 1
    assert "61 * * * *" in caplog.text
