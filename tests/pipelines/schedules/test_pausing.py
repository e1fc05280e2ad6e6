"""A pause and its end, and what alarms make of the instants before, within and behind it. On both databases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Cron
from pipelines.loading.registry import UnknownPipeline
from pipelines.schedules.fire import fire
from pipelines.schedules.pausing import BadPause, NotPaused, is_paused, pause, resume
from pipelines.schedules.stored import UnknownSchedule
from pipelines.timetables.kinds import to_json
from presstime.ids import new_id
from presstime.models import Firing, Schedule

Sessions = sessionmaker[Session]
MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)


def hour(number: int, minute: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=number, minutes=minute)


@pytest.fixture
def schedule(sessions: Sessions) -> UUID:
    made = new_id()
    with sessions.begin() as session:
        session.add(
            Schedule(
                id=made,
                pipeline="sales",
                name="hourly",
                spec=to_json(Cron("0 * * * *", name="hourly", catch_up="all")),
                timezone="UTC",
                cursor=MIDNIGHT,
                version=1,
                created_at=MIDNIGHT,
                updated_at=MIDNIGHT,
            )
        )
    return made


def ring(sessions: Sessions, schedule: UUID, now: datetime) -> None:
    """Its pipeline is not there: whatever would fire is refused, which stands in the book as well."""

    def find(name: str) -> None:
        raise UnknownPipeline(name, [])

    with sessions.begin() as session:
        fire(session, schedule, find, lambda _: [], now)  # type: ignore[arg-type] # never returns


def book(sessions: Sessions) -> list[tuple[str, datetime, int]]:
    with sessions() as session:
        firings = session.scalars(select(Firing).order_by(Firing.instant)).all()
        return [(str(one.cause), one.instant, one.count) for one in firings]


def test_what_is_due_between_pause_and_resumption_is_paused_however_late_the_alarm(
    sessions: Sessions, schedule: UUID
) -> None:
    with sessions.begin() as session:
        assert is_paused(pause(session, schedule, hour(2, 30), by="ada"), hour(3))
    with sessions.begin() as session:
        assert not is_paused(resume(session, schedule, hour(5, 30)), hour(5, 30))

    ring(sessions, schedule, hour(7))

    assert book(sessions) == [("refused", hour(1), 2), ("paused", hour(3), 3), ("refused", hour(6), 2)]


def test_a_second_pause_keeps_the_beginning_of_the_first(sessions: Sessions, schedule: UUID) -> None:
    with sessions.begin() as session:
        pause(session, schedule, hour(2), by="ada")
    with sessions.begin() as session:
        row = pause(session, schedule, hour(4), by="bob", until=hour(6))
        assert (row.paused_at, row.paused_by, row.paused_until) == (hour(2), "bob", hour(6))


def test_an_ended_pause_still_holds_when_the_next_one_begins_before_any_alarm(
    sessions: Sessions, schedule: UUID
) -> None:
    for first, last in ((1, 3), (5, 7), (9, 11)):
        with sessions.begin() as session:
            pause(session, schedule, hour(first, 30), by="ada")
        with sessions.begin() as session:
            resume(session, schedule, hour(last, 30))

    ring(sessions, schedule, hour(10))
    with sessions() as session:
        assert session.scalars(select(Schedule.ended_pauses)).one() is None
    ring(sessions, schedule, hour(12))

    assert [(cause, count) for cause, _, count in book(sessions)] == [
        *(("refused", 1), ("paused", 2), ("refused", 2), ("paused", 2)),
        *(("refused", 2), ("paused", 2), ("refused", 1)),
    ]


def test_what_makes_no_sense_is_refused(sessions: Sessions, schedule: UUID) -> None:
    with sessions() as session:
        with pytest.raises(BadPause, match="would be over already"):
            pause(session, schedule, hour(2), by="ada", until=hour(2))
        with pytest.raises(NotPaused, match="schedule 'sales/hourly' is not paused"):
            resume(session, schedule, hour(2))
        with pytest.raises(UnknownSchedule):
            pause(session, new_id(), hour(2), by="ada")
        session.execute(update(Schedule).values(removed_at=hour(1)))
        with pytest.raises(UnknownSchedule):
            pause(session, schedule, hour(2), by="ada")
