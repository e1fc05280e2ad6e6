"""What the bench of many schedules asks for, and that it misses that where there was nothing to compare."""

from bench.schedules import LAG_LIMIT, missed

TABLES = {100: {"idle_tick_ms": 1.0}, 1_000: {"idle_tick_ms": 2.0}}
LAGS = {"Presstime sqlite": {"p99_s": LAG_LIMIT}, "celery-redbeat": {"p99_s": 9.0}}


def test_good_figures_miss_nothing() -> None:
    assert list(missed(TABLES, LAGS)) == []


def test_one_table_shows_no_growth() -> None:
    assert list(missed({100: TABLES[100]}, LAGS)) == [
        "there was no smaller table to compare an idle tick with"
    ]


def test_a_lag_that_was_not_measured_misses_its_limit() -> None:
    assert list(missed(TABLES, {"celery-redbeat": LAGS["celery-redbeat"]})) == [
        "no lag of a run was measured"
    ]
