"""One writer with the year's final frames, in a process of its own: `python -m bench._year_writers`.

Frames and libraries are there before the clock starts; the peak is that of the process while it writes.
"""

import json
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import psutil

from bench._installation import Installation
from bench._memory import MIB
from bench._workbook_file import rows_by_sheet
from reports import Workbook
from reports.excel.writer import write_workbook

PATIENCE = 1_800.0  # seconds
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
CLEAR_PEAK = Path("/proc/self/clear_refs")  # Linux; writing 5 forgets the peak (man 5 proc)
KIB = 1024

Figures = dict[str, float]


def write_ours(workbook: Workbook, path: Path) -> None:
    write_workbook(workbook, path, created=CREATED)


def write_pandas(workbook: Workbook, path: Path) -> None:
    """Without formats, widths, filters or an About sheet: those it would have to be taught."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for sheet in workbook.sheets:
            frame: pd.DataFrame = sheet.tables[0].frame  # type: ignore[assignment] # what the pipeline returns
            frame.to_excel(writer, sheet_name=sheet.name, index=False)


OURS, PEER = "Presstime", "pandas"
WRITERS: dict[str, Callable[[Workbook, Path], None]] = {OURS: write_ours, PEER: write_pandas}


def compare(names: Sequence[str], workbook: Workbook, installation: Installation) -> dict[str, Figures]:
    """Each writer in a fresh process, one after the other. Raises BenchFailed when one leaves out a row."""
    given = installation.folder / "workbook.pickle"
    given.write_bytes(pickle.dumps(workbook))
    wanted = [len(sheet.tables[0].frame) + 1 for sheet in workbook.sheets]  # type: ignore[arg-type] # pandas frames
    figures = {}
    for name in names:
        path = installation.folder / f"{name}.xlsx"
        words = ("-m", "bench._year_writers", name, str(given), str(path))
        installation.run(name, [sys.executable, *words], PATIENCE)
        found = rows_by_sheet(path, len(wanted))
        if any(have < want for have, want in zip(found, wanted, strict=True)):  # ours has a title block too
            raise installation.failed(f"{name} wrote {found} rows, not {wanted}")
        said = (installation.folder / f"{name}.log").read_text().splitlines()[-1]
        figures[name] = json.loads(said)
    return figures


def main() -> None:
    name, given, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    workbook = pickle.loads(given.read_bytes())
    print(json.dumps(_measured(WRITERS[name], workbook, path)))


def _measured(write: Callable[[Workbook, Path], None], workbook: Workbook, path: Path) -> Figures:
    if CLEAR_PEAK.exists():
        CLEAR_PEAK.write_text("5")
    resting = psutil.Process().memory_info().rss
    cpu, wall = time.process_time(), time.perf_counter()
    write(workbook, path)
    figures = {"seconds": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    figures |= {"bytes": path.stat().st_size, "resting_mib": resting / MIB}
    return figures | ({"peak_mib": _peak() / MIB} if CLEAR_PEAK.exists() else {})


def _peak() -> int:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * KIB


if __name__ == "__main__":
    main()
