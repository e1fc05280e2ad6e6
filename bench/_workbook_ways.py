"""Where the columnar way of writing rows overtakes openpyxl's, cell by cell: `python -m bench._workbook_ways`.

Processor milliseconds of a whole small workbook as JSON, by number of cells and way; the ways take turns.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import get_args

from bench._workbook_frames import FRAMES
from bench._workbook_writers import CREATED
from reports import Sheet, Workbook
from reports.excel.table_part import RowPath
from reports.excel.writer import write_workbook

ROWS = (4, 10, 16, 24, 40, 80)
WARM_UP = 3
RUNS = 25
SLOWER = 1.25  # times the faster way: what is chosen may take that long, for the two cross slowly

Ways = dict[str, dict[str, float]]  # milliseconds, by cells and way


def ways() -> Ways:
    table = FRAMES["A"]()
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        return {
            str(rows * table.num_columns): _times(Workbook(Sheet("Data", table.slice(0, rows))), path)
            for rows in ROWS
        }


def badly_chosen(measured: Ways) -> Iterator[str]:
    """One line for each number of cells at which the slower way is taken by far."""
    if not measured:
        yield "no way to write a few cells was measured"
    for cells, times in measured.items():
        limit = SLOWER * min(times["columnar"], times["openpyxl"])
        if times["auto"] > limit:
            yield f"{cells} cells take {times['auto']:.1f} ms the way that is chosen, limit {limit:.1f} ms"


def _times(workbook: Workbook, path: Path) -> dict[str, float]:
    taken: dict[RowPath, list[float]] = {way: [] for way in get_args(RowPath)}
    for _ in range(WARM_UP + RUNS):
        for way, times in taken.items():
            began = time.process_time()
            write_workbook(workbook, path, created=CREATED, row_path=way)
            times.append((time.process_time() - began) * 1000)
    return {way: median(times[WARM_UP:]) for way, times in taken.items()}


if __name__ == "__main__":
    print(json.dumps(ways()))
