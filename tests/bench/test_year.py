"""The judge of the bench with a year of flights knows the true figures, and sees what differs from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench._year_office import Opened, figures_of
from bench._year_run import Measured
from bench._year_steps import Sample, Seen, parts_of
from bench._year_truth import truth
from bench.year import LIMIT_MIB, Year, missed
from presstime.ids import new_id
from presstime.models import FailedAttempt, StepKind, Task

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
MIB = 1024 * 1024


def task(step: str, kind: StepKind, begins: float, ends: float) -> Task:
    start, end = (START + timedelta(seconds=seconds) for seconds in (begins, ends))
    return Task(id=new_id(), step=step, kind=kind, pid=7, started_at=start, finished_at=end)


@pytest.fixture
def seen() -> Seen:
    """A process that computes all the time, and grows by a mebibyte a second."""
    found, first = Seen(), START.timestamp()
    found.samples[7] = [Sample(first + second, second * MIB, float(second)) for second in range(11)]
    return found


def test_the_figures_of_a_month_are_those_of_the_package() -> None:
    january = truth(range(1, 2))

    assert january.rows() == {"By carrier": 16, "By day": 31, "Departures": 27_004}
    assert (january.cancelled, january.distance) == (521, 27_188_805)
    assert (january.dep_delay, january.arr_delay) == (265_801, 161_819)
    assert january.by_carrier["UA"] == 4_637


def test_a_figure_that_differs_is_named() -> None:
    january = truth(range(1, 2))

    assert january.differences(january) == []
    assert january.differences(replace(january, distance=7)) == ["distance is 7, not 27,188,805"]


def test_figures_that_nobody_read_are_missed() -> None:
    january = truth(range(1, 2))
    run = Measured(
        seconds=9,
        cpu_s=9,
        demo_cpu_s=1,
        parts=[],
        failed_attempts=0,
        worker_mib=400,
        processes=4,
        writer_mib=LIMIT_MIB,
        bytes=9,
        rows=january.rows(),
    )
    read = Year(run, Opened(1, january), {})

    assert missed(january, read) == []
    assert missed(january, replace(read, opened=None)) == [
        "the figures in the workbook were not read: LibreOffice is not installed"
    ]
    assert missed(january, replace(read, run=replace(run, writer_mib=0))) == [
        "the memory of the process that writes was not measured"
    ]


def test_sheets_are_read_as_a_program_shows_them(tmp_path: Path) -> None:
    header = "Cancelled,Distance (miles),Departure delay (min),Arrival delay (min)"
    for name, text in {
        "Departures": f'{header}\nFALSE,"1,400",-2,11\nTRUE,200,,\n',
        "By carrier": "Carrier,Flights\nUA,2\n",
        "By day": 'Day,Flights\n2013-01-01,"1,002"\n',
    }.items():
        (tmp_path / f"{name}.csv").write_text(text)

    found = figures_of({name: tmp_path / f"{name}.csv" for name in ("By carrier", "By day", "Departures")})

    assert (found.departures, found.cancelled, found.distance) == (2, 1, 1_600)
    assert (found.dep_delay, found.arr_delay) == (-2, 11)
    assert (found.by_carrier, found.by_day) == ({"UA": 2}, {"2013-01-01": 1_002})


def test_a_step_counts_from_its_first_attempt(seen: Seen) -> None:
    fetched = task("fetched", StepKind.EXTRACT, 3, 4.5)
    failed = FailedAttempt(task_id=fetched.id, attempt=1, started_at=START + timedelta(seconds=1))

    (part,) = parts_of([fetched], [failed], seen, 0)

    assert part.seconds == pytest.approx(3.5)
    assert part.cpu_s == pytest.approx(1.5)
    assert part.peak_mib == 5


def test_a_report_is_told_in_two_parts(seen: Seen) -> None:
    report = task("workbook", StepKind.REPORT, 2, 8)

    frames, writing = parts_of([report], [], seen, 2.5)

    assert (frames.seconds, writing.seconds) == pytest.approx((3.5, 2.5))
    assert (frames.peak_mib, writing.peak_mib) == (6, 8)
