"""How fast workbooks are written, how much memory that takes and how large they get, beside named peers.

The same values go to every writer in the form that it takes natively, made before the clock starts. Each figure
comes from a process of its own, the short sheet's from one; the writers take turns.
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

from bench._footprint import Figures
from bench._fresh import in_fresh_process
from bench._installation import exit_when_terminated
from bench._workbook_case import CASE, SHORT_ROWS, SHORT_RUNS
from bench._workbook_frames import LONG_ROWS, MIXED_ROWS
from bench._workbook_goals import SHARES, SHORT_PARTS, Frames, middle, missed
from bench._workbook_ways import Ways, badly_chosen
from bench._workbook_writers import CSV, FAST, FIVE, OPENPYXL, PLAIN, RUST, SMALL, WRITERS
from presstime.errors import PresstimeError

LIBRARIES = (
    *("openpyxl", "lxml", "pandas", "xlsxwriter", "pyexcelerate", "rustpy-xlsxwriter", "polars"),
    *("pyarrow", "numpy", "isal", "zlib-ng"),
)
SLOW = (OPENPYXL, "pandas", "XlsxWriter", "PyExcelerate")
QUICKER = (RUST, PLAIN, SMALL, FAST, CSV)
SAID = """\
One sheet with a bold header on a ground, frozen; a filter, widths, formats of dates, amounts and shares.
  A  12 columns: 2 integers, 2 amounts, a share, an exact decimal, a date, an instant, 3 texts, a boolean
  B  10 columns: 4 integers, 3 amounts, a date, 2 short texts
pandas leaves amounts and shares without a format, the Rust writer gets decimals as floats. openpyxl is write-only,
XlsxWriter in constant memory. CPU is that of all threads and children; peak is memory above what was there before.
"""


@dataclass(frozen=True)
class Table:
    """Rows of a frame, and how often each writer writes them."""

    rows: int
    rounds: Mapping[str, int]


# Of a million rows the slow ones take minutes each, in which neighbours on the machine even out.
FULL = {
    "A": Table(MIXED_ROWS, dict.fromkeys((*SLOW, *QUICKER), 3)),
    "B": Table(LONG_ROWS, dict.fromkeys(SLOW, 1) | dict.fromkeys(QUICKER, 3) | {FIVE: 1}),
}
# openpyxl takes its time in proportion to the rows, so that ratios of fewer say the same.
QUICK = {"A": Table(30_000, dict.fromkeys((OPENPYXL, RUST, SMALL, FAST), 1))}


def main() -> int:
    options = _options()
    exit_when_terminated()
    form = QUICK if options.quick else FULL
    print(SAID)
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        short = in_fresh_process(CASE, "short")
        ways = in_fresh_process("bench._workbook_ways")
        frames = {name: _measure(name, table) for name, table in form.items()}
    except PresstimeError as error:
        sys.stderr.write(f"bench/workbook.py: {error}\n")
        return 2
    _show(form, frames, short)
    _show_ways(ways)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = [*missed(frames, short), *badly_chosen(ways)]
    if options.check:
        sys.stderr.writelines(f"bench/workbook.py: {line}\n" for line in lines)
    if options.json:
        surroundings = _surroundings(form) | {"seconds": round(time.monotonic() - began, 1), "load": load}
        print(
            json.dumps(
                {"frames": frames, "short_ms": short, "ways_ms": ways, "missed": lines, **surroundings}
            )
        )
    return int(options.check and bool(lines))


def _measure(frame: str, table: Table) -> dict[str, list[Figures]]:
    """Round by round, so that all writers meet the same neighbours on a busy machine."""
    figures: dict[str, list[Figures]] = {name: [] for name in table.rounds}
    for number in range(max(table.rounds.values())):
        for name, rounds in table.rounds.items():
            if number < rounds:
                # Equal arguments give equal files: once is enough to see what zlib makes of them.
                with_zlib = ("zlib",) if name == SMALL and number == 0 else ()
                figures[name].append(in_fresh_process(CASE, name, frame, table.rows, *with_zlib))
    return figures


def _show(form: Mapping[str, Table], frames: Frames, short: Figures) -> None:
    for frame, writers in frames.items():
        print(f"{f'{frame}, {form[frame].rows:,} rows':24}{'cpu s':>9}{'ratio':>9}", end="")
        print(f"{'wall s':>9}{'peak MB':>10}{'file MB':>10}")
        slowest = middle(writers[OPENPYXL])["cpu_s"]
        for name, rounds in writers.items():
            _show_writer(name, middle(rounds), slowest * WRITERS[name].sheets)
        print()
    print(f"{SHORT_ROWS:,} rows of A, in ms, median of {SHORT_RUNS}:")
    for name, milliseconds in short.items():
        print(f"{name:24}{milliseconds:9.1f}{_share(milliseconds, short[OPENPYXL])}")
    print(f"\n{', '.join(f'{name} {number}' for name, number in _versions().items())}")


def _show_writer(name: str, one: Figures, slowest: float) -> None:
    peak = f"{one['peak_mb']:10.1f}" if "peak_mb" in one else f"{'-':>10}"
    print(f"{name:24}{one['cpu_s']:9.2f}{_share(one['cpu_s'], slowest)}", end="")
    print(f"{one['wall_s']:9.2f}{peak}{one['file_mb']:10.2f}", end="")
    print(f"  (by zlib: {one['file_by_zlib_mb']:.2f})" if "file_by_zlib_mb" in one else "")


def _show_ways(ways: Ways) -> None:
    print("\nA few cells, in ms of processor time:")
    print(f"{'cells':24}{''.join(f'{cells:>9}' for cells in ways)}")
    for way in ("openpyxl", "columnar", "auto"):
        print(f"{way:24}{''.join(f'{times[way]:9.1f}' for times in ways.values())}")


def _share(taken: float, whole: float) -> str:
    return f"{f'1/{whole / taken:.1f}':>9}"


def _surroundings(form: Mapping[str, Table]) -> dict[str, object]:
    return {"form": {name: asdict(table) for name, table in form.items()}, "versions": _versions()}


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and peers, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    shares = "; ".join(f"{one.frame}: {one.ours} at {one}" for one in SHARES)
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 above a share of a peer's processor time ({shares}), above 1/{SHORT_PARTS} of "
        "openpyxl's time for a short sheet, when a file or the memory is larger than it may be, "
        "or when the slower way to write rows is chosen",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
