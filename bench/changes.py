"""How fast two tables are compared by a key, and how much memory that takes, beside pandas.merge by hand.

Every way must find the truth, which is known. Each figure comes from a process of its own; the ways take turns.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from statistics import median

from bench._changes_case import CASE, COMPARED, EDITED, MERGE, MOVED, OURS, OURS_PANDAS, WRITTEN
from bench._footprint import Figures
from bench._fresh import in_fresh_process
from bench._installation import exit_when_terminated
from presstime.errors import PresstimeError

LIBRARIES = ("polars", "pandas", "pyarrow", "numpy")
ROWS = 1_000_000
WRITTEN_ROWS = 1_000_000
PEAK_LIMIT_MB = 400.0  # above both tables
SHARE = 1.0  # of the processor time of pandas.merge, at most
SAID = """\
{rows:,} rows, 10 columns: 4 integers (one the key), 3 floats, 2 texts, a date. One row in {edited} has a changed
cell, {moved:,} rows came, {moved:,} went, and the table before is in another order. Counts of rows and of cells by
column must be the truth. CPU is that of all threads; peak is memory above both tables.
"""
Rounds = Mapping[str, list[Figures]]


def main() -> int:
    options = _options()
    exit_when_terminated()
    print(SAID.format(rows=ROWS, edited=EDITED, moved=MOVED))
    load, began = os.getloadavg()[0], time.monotonic()
    rounds = 1 if options.quick else 3
    plan = {OURS: ROWS, OURS_PANDAS: ROWS, MERGE: ROWS}
    if not options.quick:
        plan |= {WRITTEN: WRITTEN_ROWS, COMPARED: WRITTEN_ROWS}
    figures: dict[str, list[Figures]] = {way: [] for way in plan}
    try:
        for _ in range(rounds):
            for way, rows in plan.items():
                figures[way].append(in_fresh_process(CASE, way, rows))
    except PresstimeError as error:
        sys.stderr.write(f"bench/changes.py: {error}\n")
        return 2
    _show(figures)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    versions = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    lines = list(missed(figures))
    if options.check:
        sys.stderr.writelines(f"bench/changes.py: {line}\n" for line in lines)
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        about = {"versions": versions, "seconds": seconds, "load": load}
        print(json.dumps({"rows": plan, "ways": figures, "missed": lines, **about}))
    return int(options.check and bool(lines))


def _middle(rounds: list[Figures]) -> Figures:
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


def _show(figures: Rounds) -> None:
    print(f"{'median':24}{'cpu s':>9}{'wall s':>9}{'peak MB':>10}")
    for way, rounds in figures.items():
        one = _middle(rounds)
        peak = f"{one['peak_mb']:10.1f}" if "peak_mb" in one else f"{'-':>10}"
        print(f"{way:24}{one['cpu_s']:9.2f}{one['wall_s']:9.2f}{peak}")
    print()


def missed(figures: Rounds) -> Iterator[str]:
    peer = _middle(figures[MERGE])
    for way in (OURS, OURS_PANDAS):
        one = _middle(figures[way])
        if one["cpu_s"] > SHARE * peer["cpu_s"]:
            yield f"{way} takes {one['cpu_s']:.2f} s of processor time, {MERGE} {peer['cpu_s']:.2f} s"
        if "peak_mb" not in one:
            yield f"the memory of {way} was not measured"
        elif one["peak_mb"] > PEAK_LIMIT_MB:
            yield f"{way} needs {one['peak_mb']:.0f} MB above both tables, limit {PEAK_LIMIT_MB:g} MB"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round, comparing alone: under 45 seconds")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 when comparing takes more processor time than {MERGE}, or more than {PEAK_LIMIT_MB:g} MB",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
