"""What the database is asked, and how it goes about it, with a long history in its tables. On both databases."""

from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from sqlalchemy import Index

from bench._cost_round import ROUND, fill, leave_unfinished, plans, use_everything
from bench._cost_run import MOST, above, count
from bench._cost_site import Site, site_at
from bench._cost_sql import Spent
from bench._footprint import forget_peak, peak
from bench._memory import MIB
from bench.cost import MEMORY_LIMIT, missed
from presstime.models import Base
from tests.support.servers.databases import DATABASES

pytestmark = pytest.mark.timeout(250)

FINISHED = 20_000
LIMIT = 240  # seconds after which the bench is given up
# One that covers more may do for another: then both are taken away.
NEEDED = (
    ("ix_runs_unfinished", "ix_runs_unsuccessful"),
    ("ix_tasks_held",),
    ("ix_tasks_stage_id",),
    ("ix_outbox_available_at",),
    ("ix_outbox_stage_id",),
)


@pytest.fixture(scope="module", params=DATABASES)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Many finished runs, a few under way, and each statement of everyday work heard once."""
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    with site_at(url) as made:
        template = made.submit("daily")
        made.work_off(template)
        leave_unfinished(made, 10)
        fill(made, template, FINISHED)
        made.heard.statements.clear()
        use_everything(made)
        yield made


def wrong(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["faults"]]


def plan_of(found: list[dict[str, Any]], purpose: str) -> str:
    return "\n".join(line for one in found if one["of"] == purpose for line in one["plan"])


def test_everyday_statements_read_no_history(site: Site) -> None:
    found = plans(site)

    assert {ROUND, *MOST} <= {one["of"] for one in found}
    assert wrong(found) == []


@pytest.mark.parametrize("names", NEEDED, ids=" ".join)
def test_a_missing_index_shows(site: Site, names: tuple[str, ...]) -> None:
    indexes = [index_of(name) for name in names]
    for index in indexes:
        index.drop(site.runtime.engine)
    try:
        assert wrong(plans(site)) != []
    finally:
        for index in indexes:
            index.create(site.runtime.engine)


def test_pages_of_runs_are_found_by_what_is_rare_in_them(site: Site) -> None:
    found = plans(site)

    assert "ix_runs_unfinished" in plan_of(found, ROUND)
    assert "ix_runs_unfinished" in plan_of(found, "a page of running")
    assert "ix_runs_unsuccessful" in plan_of(found, "a page of skipped")
    assert "ix_runs_pipeline_id" in plan_of(found, "a page of one pipeline")
    by_time = plan_of(found, "a page of an hour long ago")
    assert "id>? AND id<?" in by_time or ("(id >= " in by_time and "(id < " in by_time), by_time


def test_no_part_of_a_run_takes_more_statements_than_it_did(site: Site) -> None:
    parts = count(site)

    assert set(parts) == set(MOST)
    assert above(parts) == []


def test_a_part_of_a_run_that_was_not_counted_misses_its_limit() -> None:
    counted = {part: Spent(times=1, statements=1) for part in MOST}

    assert above(counted) == []
    assert above(counted | {"advance": Spent(times=1)}) == ["advance: no statement was counted"]
    assert above({}) == [f"{part}: no statement was counted" for part in MOST]


def a_map(items: int, **figures: float) -> dict[str, float]:
    good = {"items": items, "done": items, "advance_ms_per_item": 1.0, "publish_ms_per_item": 1.0}
    return {**good, "rss_grown_by_expansion_mib": 1.0, **figures}


def figures_of(small: dict[str, float], large: dict[str, float], **rounds: Any) -> dict[str, Any]:
    """What the bench has of one database when nothing else is wrong."""
    timed = {"round_ms": {"p25": 1.0}, "page_ms": {"all runs": 1.0}}
    good = {"few": timed, "many": timed, "loaded": 9, "plans": [{"of": ROUND, "faults": []}]}
    counted = {part: {"times": 1, "statements": 1, "transactions": 1, "rows": 1} for part in MOST}
    return {"run": counted, "round": good | rounds, "map": [small, large]}


def test_memory_that_a_map_takes_is_judged_and_must_be_known() -> None:
    unknown = a_map(500)
    del unknown["rss_grown_by_expansion_mib"]
    grown = a_map(500, rss_grown_by_expansion_mib=MEMORY_LIMIT + 1)

    assert list(missed(figures_of(a_map(50), a_map(500)), 9)) == []
    assert list(missed(figures_of(a_map(50), grown), 9)) == ["the expansion took 101 MiB, limit 100"]
    assert list(missed(figures_of(a_map(50), unknown), 9)) == [
        "the memory that the expansion took was not measured"
    ]


def test_what_a_goal_is_about_has_to_be_there() -> None:
    small, large = a_map(50), a_map(500)
    empty = {"few": {"round_ms": {"p25": 1.0}}, "many": {"round_ms": {"p25": 1.0}, "page_ms": {}}}

    assert list(missed(figures_of(small, small), 9)) == ["there was no smaller map to compare 50 items with"]
    assert list(missed(figures_of(small, a_map(500, done=7)), 9)) == [
        "7 items of a map of 500 were gone through"
    ]
    assert list(missed(figures_of(small, large, **empty, loaded=8, plans=[]), 9)) == [
        "the history has 8 runs, not 9",
        "no page of runs was read",
        "no statement of the keeper's round was explained",
    ]


def test_memory_is_that_of_the_work_and_not_what_the_process_had_before() -> None:
    big = 64 * MIB
    filled = bytearray(b"1") * big
    del filled
    forget_peak()
    before = psutil.Process().memory_info().rss
    filled = bytearray(b"1") * (big // 2)
    most = peak()
    del filled

    if most is None:
        pytest.skip("this system tells no peak that can be forgotten")
    assert 0.75 * big / 2 < most - before < 0.75 * big


def index_of(name: str) -> Index:
    return next(
        index for table in Base.metadata.tables.values() for index in table.indexes if index.name == name
    )
