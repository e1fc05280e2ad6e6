"""One writer with one table, in a process of its own: `python -m bench._workbook_case`. Figures as JSON.

Libraries, table and its form are there before the clock starts; it covers everything up to the closed file.
"""

import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from bench._footprint import MB, Figures, measured
from bench._workbook_file import bytes_by_zlib, check_rows
from bench._workbook_frames import FRAMES
from bench._workbook_writers import FAST, OPENPYXL, SMALL, WRITERS

FIRST_ROWS = 10  # written before the measurement, for what libraries load when they are first used
SHORT_ROWS = 1_000
SHORT_WARM_UP = 3
SHORT_RUNS = 15
CASE = "bench._workbook_case"


def one(name: str, frame: str, rows: int, *, with_zlib: bool) -> Figures:
    writer = WRITERS[name]
    table = FRAMES[frame]().slice(0, rows)
    given, first = writer.prepare(table), writer.prepare(table.slice(0, FIRST_ROWS))
    del table
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        writer.write(first, path)
        path.unlink()
        figures = measured(partial(writer.write, given, path))
        check_rows(path, rows, writer.sheets)
        figures["file_mb"] = path.stat().st_size / MB
        if with_zlib:
            figures["file_by_zlib_mb"] = bytes_by_zlib(path) / MB
    return figures


def short() -> Figures:
    """Milliseconds for a sheet of the length that people read, by writer; each in turn."""
    table = FRAMES["A"]().slice(0, SHORT_ROWS)
    given = {name: WRITERS[name].prepare(table) for name in (OPENPYXL, SMALL, FAST)}
    taken: dict[str, list[float]] = {name: [] for name in given}
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        for _ in range(SHORT_WARM_UP + SHORT_RUNS):
            for name, form in given.items():
                began = time.perf_counter()
                WRITERS[name].write(form, path)
                taken[name].append((time.perf_counter() - began) * 1000)
                check_rows(path, SHORT_ROWS, 1)
    return {name: median(times[SHORT_WARM_UP:]) for name, times in taken.items()}


def main() -> None:
    if sys.argv[1:] == ["short"]:
        print(json.dumps(short()))
        return
    name, frame, rows, *with_zlib = sys.argv[1:]
    print(json.dumps(one(name, frame, int(rows), with_zlib=bool(with_zlib))))


if __name__ == "__main__":
    main()
