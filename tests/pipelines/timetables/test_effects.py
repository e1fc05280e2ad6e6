"""What a change of a cron line causes: what runs at once, what comes twice, what is left out."""

from datetime import UTC, datetime, timedelta

import pytest

from pipelines import Cron
from pipelines.timetables.decisions import Pause
from pipelines.timetables.effects import Effect, Standing, effect
from pipelines.timetables.occurrences import Timetable

ZONE = "America/New_York"
AT_SIX = "0 6 * * *"


def moment(text: str) -> datetime:
    """In November of 2026, in New York: `21 10:00`."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}-05:00").astimezone(UTC)


def timetable(line: str, offset: timedelta = timedelta()) -> Timetable:
    return Timetable(Cron(line, name="line"), ZONE, offset)


def changed(old: str, new: str, last: str | None, now: str, cursor: str | None = None) -> Effect:
    """`cursor` is the last run, unless it is told."""
    at = cursor or last
    assert at is not None
    standing = Standing(moment(at), moment(now), moment(last) if last else None)
    return effect(timetable(old), timetable(new), standing)


@pytest.mark.parametrize(
    ("old", "new", "last", "now", "at_once", "extra", "missed"),
    [
        # The hour has passed on both lines, and today's run is there: nothing happens before tomorrow.
        (AT_SIX, "0 8 * * *", "21 06:00", "21 10:00", [], None, None),
        # It comes again today: that is an extra one, and is told.
        (AT_SIX, "0 12 * * *", "21 06:00", "21 10:00", [], "2026-11-21", None),
        # Today's run was still to come, and its new hour has passed: it starts at once, or would be missed.
        ("0 12 * * *", "0 8 * * *", "20 12:00", "21 10:00", ["21 08:00"], None, None),
        ("0 12 * * *", "0 11 * * *", "20 12:00", "21 10:00", [], None, None),
        # Nobody waits for a run of the fifteenth: that of this month was on the first.
        ("0 6 1 * *", "0 6 15 * *", "01 06:00", "21 10:00", [], None, None),
        ("0 6 1 * *", "0 6 15 * *", "01 06:00", "10 10:00", [], "2026-11", None),
        # Another rhythm is what was asked for: neither too much nor too little.
        (AT_SIX, "0 6 * * 1", "21 06:00", "21 10:00", [], None, None),
        ("0 6 * * 1", AT_SIX, "16 06:00", "21 10:00", [], None, None),
        ("*/10 * * * *", "*/15 * * * *", "21 09:50", "21 09:55", [], None, None),
    ],
)
def test_what_an_edit_causes(  # noqa: PLR0917 # what is given and what is found
    old: str, new: str, last: str, now: str, at_once: list[str], extra: str | None, missed: str | None
) -> None:
    found = changed(old, new, last, now)

    assert list(found.at_once) == [moment(one) for one in at_once]
    assert (found.extra.label if found.extra else None) == extra
    assert (found.missed.label if found.missed else None) == missed
    assert found.cursor == moment(last if at_once else now)


def test_the_next_runs_are_told_as_they_were_and_as_they_will_be() -> None:
    found = changed(AT_SIX, "0 8 * * *", "21 06:00", "21 10:00")

    assert found.before[:2] == (moment("22 06:00"), moment("23 06:00"))
    assert found.after[:2] == (moment("22 08:00"), moment("23 08:00"))


def test_what_waits_for_its_alarm_is_not_lost_by_an_edit() -> None:
    """Nothing rang for three days; the new line starts what is newest of them, as the old one would have."""
    found = changed(AT_SIX, "0 8 * * *", "18 06:00", "21 10:00")

    assert (found.at_once, found.cursor) == ((moment("21 08:00"),), moment("18 06:00"))


def test_an_instant_within_its_jitter_is_not_lost_by_an_edit() -> None:
    late = timedelta(minutes=10)
    standing = Standing(moment("20 06:00"), moment("21 06:05"), moment("20 06:00"))

    same = effect(timetable(AT_SIX, late), timetable(AT_SIX, late), standing)
    sooner = effect(timetable(AT_SIX, late), timetable(AT_SIX), standing)

    assert (same.after[0], same.at_once) == (moment("21 06:00"), ())
    assert sooner.at_once == (moment("21 06:00"),)
    assert (same.missed, sooner.missed, same.extra, sooner.extra) == (None, None, None, None)


def test_a_schedule_that_ends_misses_what_it_would_have_done() -> None:
    over = Timetable(Cron(AT_SIX, name="line", ends=moment("21 12:00")), ZONE)
    standing = Standing(moment("21 06:00"), moment("21 10:00"), moment("21 06:00"))

    found = effect(timetable(AT_SIX), over, standing)

    assert found.after == ()
    assert found.missed is not None
    assert found.missed.label == "2026-11-22"


def test_a_schedule_that_never_ran_owes_nothing_for_before_its_edit() -> None:
    """It was made at nine for noon; at ten it is set to half past nine."""
    found = changed("0 12 1 1 *", "30 9 * * *", None, "21 10:00", cursor="21 09:00")

    assert (found.at_once, found.extra, found.missed) == ((), None, None)


def test_a_paused_schedule_starts_nothing_by_an_edit() -> None:
    since = moment("20 12:00")
    standing = Standing(moment("20 06:00"), moment("21 10:00"), moment("20 06:00"), (Pause(since),))

    found = effect(timetable(AT_SIX), timetable("0 8 * * *"), standing)

    assert (found.before, found.after, found.at_once) == ((), (), ())
