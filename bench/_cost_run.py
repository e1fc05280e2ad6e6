"""The case `run`: statements, transactions and rows of each part of a run."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bench._cost_site import Site, site_on
from bench._cost_sql import Spent

ITEMS = 10
RUNS = 3
# Statements of each part, on average over these runs: as counted. Who saves some lowers these.
MOST = {
    "submit a run": 8.0,
    "publish a stage": 5.0,
    "a plain step": 10.2,
    "an item of a map": 7.1,
    "expand a map": 19.0,
    "a report step": 18.0,
    "advance": 7.25,
    "fire a schedule": 18.0,
}


def measure(database: str) -> dict[str, Any]:
    with site_on(database) as site:
        return {part: asdict(spent) for part, spent in count(site).items()}


def count(site: Site) -> dict[str, Spent]:
    """What was spent on each part, over a few runs."""
    _runs(site)  # what is done once in a process or in a database is not a run's
    site.heard.forget()
    for _ in range(RUNS):
        _runs(site)
    return {part: spent for part, spent in site.heard.spent.items() if part and spent.times}


def above(parts: Mapping[str, Spent]) -> list[str]:
    """Parts that take more statements than they did when this was written, and those that were not counted."""
    more = [
        f"{part}: {spent.statements / spent.times:.2f} statements, at most {MOST[part]}"
        for part, spent in parts.items()
        if spent.statements / spent.times > MOST[part]
    ]
    counted = {part for part, spent in parts.items() if spent.statements}
    return more + [f"{part}: no statement was counted" for part in MOST if part not in counted]


def _runs(site: Site) -> None:
    site.work_off(site.submit("daily"))
    site.work_off(site.submit("mapped", items=ITEMS))
    site.work_off(site.ring("queues"))
