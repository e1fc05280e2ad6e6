"""What the database is asked, and how it goes about it, with a long history in its tables. On both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Index

from bench._cost_round import ROUND, fill, leave_unfinished, plans, use_everything
from bench._cost_run import MOST, above, count
from bench._cost_site import Site, site_at
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


def index_of(name: str) -> Index:
    return next(
        index for table in Base.metadata.tables.values() for index in table.indexes if index.name == name
    )
