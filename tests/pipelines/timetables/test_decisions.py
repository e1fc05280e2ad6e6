from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines import Calendar, Cron
from pipelines.timetables.decisions import BATCH, Pause, Stretch, decide
from pipelines.timetables.occurrences import Timetable
from presstime.models.states import Cause

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)  # of a Monday


def hourly(**policies: Any) -> Timetable:
    return Timetable(Cron("0 * * * *", name="hourly", **policies), "UTC")


def hour(number: int) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def told(stretches: list[Stretch]) -> list[tuple[str, int, int]]:
    """Each decision, its first hour and how many."""
    return [
        (str(one.cause or "fired"), int((one.first - MIDNIGHT) / timedelta(hours=1)), one.count)
        for one in stretches
    ]


def test_nothing_is_decided_twice_and_nothing_before_its_time() -> None:
    assert told(decide(hourly(), hour(5), hour(6))) == [("fired", 6, 1)]
    assert decide(hourly(), hour(6), hour(6)) == []
    assert decide(hourly(), hour(6), hour(7) - timedelta(seconds=1)) == []


def test_of_what_was_missed_the_newest_fires() -> None:
    assert told(decide(hourly(), hour(5), hour(10))) == [("superseded", 6, 4), ("fired", 10, 1)]


def test_a_pause_covers_what_comes_after_its_beginning_and_before_its_end() -> None:
    """What was due before it, and could not be decided in time, fires all the same."""
    pause = Pause(hour(6) + timedelta(minutes=1), until=hour(9), by="ada")

    found = decide(hourly(catch_up="all"), hour(5), hour(10), pause)

    assert told(found) == [("fired", 6, 1), ("paused", 7, 2), ("fired", 9, 1), ("fired", 10, 1)]
    assert found[1].reason == "paused by ada"
    assert told(decide(hourly(), hour(5), hour(8), pause)) == [("fired", 6, 1), ("paused", 7, 2)]


def test_a_pause_without_an_end_covers_all_that_comes() -> None:
    assert told(decide(hourly(), hour(5), hour(100), Pause(hour(5)))) == [("paused", 6, 95)]


def test_closed_days_and_missed_instants_keep_their_order() -> None:
    rested = hourly(calendar=Calendar(weekend=("tue",)))

    assert told(decide(rested, hour(21), hour(50))) == [
        ("superseded", 22, 2),
        ("closed", 24, 24),
        ("superseded", 48, 2),
        ("fired", 50, 1),
    ]


def test_what_is_beyond_its_grace_is_too_late() -> None:
    late = hour(8) + timedelta(minutes=11)

    assert told(decide(hourly(grace=timedelta(minutes=10)), hour(5), late)) == [
        ("superseded", 6, 2),
        ("too_late", 8, 1),
    ]
    (found,) = decide(hourly(grace=timedelta(minutes=10), catch_up="all"), hour(5), late)
    assert (found.cause, found.count, found.reason) == (Cause.TOO_LATE, 3, "missed by more than 10 minutes")


def test_a_long_gap_is_made_up_for_in_batches() -> None:
    first = decide(hourly(catch_up="all"), hour(0), hour(1_000))
    second = decide(hourly(catch_up="all"), first[-1].last, hour(1_000))

    assert [one.first for one in first + second] == [hour(number) for number in range(1, 2 * BATCH + 1)]


def test_what_is_too_late_takes_no_place_in_a_batch() -> None:
    graced = hourly(catch_up="all", grace=timedelta(hours=3))

    assert told(decide(graced, hour(0), hour(200))) == [
        ("too_late", 1, 196),
        *[("fired", number, 1) for number in range(197, 201)],
    ]


def test_a_year_of_minutes_that_were_paused_is_one_decision() -> None:
    minutely = Timetable(Cron("* * * * *", name="minutely", catch_up="all"), "UTC")

    (found,) = decide(minutely, MIDNIGHT, MIDNIGHT + timedelta(days=60), Pause(MIDNIGHT))

    assert found.count == 60 * 24 * 60


def test_jitter_moves_the_decision_and_not_the_instant() -> None:
    timetable = Timetable(Cron("0 * * * *", name="hourly"), "UTC", offset=timedelta(minutes=7))

    assert decide(timetable, hour(5), hour(6) + timedelta(minutes=6)) == []
    assert told(decide(timetable, hour(5), hour(6) + timedelta(minutes=7))) == [("fired", 6, 1)]
