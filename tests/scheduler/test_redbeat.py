"""What RedBeat is told of a schedule: when its alarm is due, in its own zone."""

from datetime import UTC, datetime

from pipelines.timetables.kinds import Cron, to_json
from scheduler.redbeat import Alarm


def test_an_alarm_that_never_rang_is_due() -> None:
    now = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    alarm = Alarm(to_json(Cron("0 6 * * *", name="daily")), "UTC", 0.0, 1, clock=lambda: now)
    until_six = 22.5 * 3600

    assert alarm.is_due(datetime(1, 1, 2, tzinfo=UTC)) == (True, until_six)
    assert alarm.is_due(datetime(2026, 7, 1, 6, tzinfo=UTC)) == (False, until_six)
    assert alarm.is_due(datetime(2026, 6, 30, 6, tzinfo=UTC)) == (True, until_six)


def test_alarms_are_equal_when_their_rows_are() -> None:
    spec = to_json(Cron("0 6 * * *", name="daily"))

    assert Alarm(spec, "UTC", 0.0, 1) == Alarm(dict(spec), "UTC", 0.0, 1)
    assert Alarm(spec, "UTC", 0.0, 1) != Alarm(spec, "UTC", 0.0, 2)
    assert hash(Alarm(spec, "UTC", 0.0, 1)) == hash(Alarm(dict(spec), "UTC", 0.0, 1))
