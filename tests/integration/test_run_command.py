"""`presstime run`: brings up what it needs, prints one object, leaves nothing behind."""

import contextlib
import signal
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api.schemas.runs import RunOut
from scheduler.broker import waiting_messages
from scheduler.valkey import broker_url, socket_path
from tests.support.installations.installation import Install, Installation, one_object
from tests.support.waiting import PATIENCE
from tests.support.workbooks.large import table_of_sheet

ONE = '''
"""One number."""

import time
import pandas as pd
from pipelines import Params, Pipeline
from reports import Sheet, Workbook


class Asked(Params):
    seconds: float = 0.0


one = Pipeline("one", params=Asked, period="month")


@one.extract
def number(asked: Asked) -> int:
    time.sleep(asked.seconds)
    return 1


@one.report
def book(number: int) -> Workbook:
    return Workbook(Sheet("One", pd.DataFrame({"n": [number]})))
'''
LONG = 200.0  # seconds after which a whole month is given up: a busy machine takes a minute and more for it


@pytest.fixture
def idle(install: Install) -> Installation:
    made = install(demo_url="http://127.0.0.1:9")  # one that nobody asks: the command need not start its own
    made.write_pipeline("one", ONE)
    return made


def states_of(idle: Installation) -> list[str]:
    path = idle.data_dir / "presstime.db"
    if not path.exists():
        return []
    # The tables may be in the making.
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(path)) as database:
        return [state for (state,) in database.execute("SELECT state FROM runs")]
    return []


@pytest.mark.timeout(LONG + 100)
def test_the_flights_of_january_2013_are_counted_right(install: Install) -> None:
    idle = install(interpreters=True)

    done = idle.command(
        "run",
        "flight-punctuality",
        "--interval",
        "2013-01",
        "--json",
        "--out",
        str(idle.folder / "out"),
        timeout=LONG,
    )

    assert done.returncode == 0, done.stderr
    told = one_object(done.stdout)
    assert {"run_id", "pipeline", "state", "duration_s", "reports"} < set(told), "promised throughout 0.2"
    assert told.keys() >= RunOut.model_fields.keys()
    assert (told["id"], told["error"]) == (told["run_id"], None)
    assert (told["pipeline"], told["state"]) == ("flight-punctuality", "succeeded")
    (report,) = told["reports"]
    assert Path(report["path"]).stat().st_size == report["bytes"]
    _check_departures(*table_of_sheet(Path(report["path"]), "Departures"))
    _check_carriers(*table_of_sheet(Path(report["path"]), "By carrier"))
    canvases = idle.command("canvas", "--run", told["run_id"]).stdout
    assert "chord([departures[31]], advance) of 31 tasks" in canvases
    log = (idle.data_dir / "logs" / "worker.log").read_text()
    assert len({word for word in log.split() if word.startswith("pid=")}) > 1
    assert idle.living() == []


def _check_departures(header: list[Any], *rows: list[Any]) -> None:
    assert len(rows) == 27_004
    assert isinstance(rows[0][0], datetime)
    distance = header.index("Distance (miles)")
    assert sum(row[distance] for row in rows) == 27_188_805


def _check_carriers(header: list[Any], *rows: list[Any]) -> None:
    carriers = {str(row[1]): dict(zip(header, row, strict=True)) for row in rows}
    assert len(carriers) == 16
    united = carriers["United Air Lines Inc."]
    assert (united["Flights"], united["Cancelled"], united["On time"]) == (4_637, 32, 3_586)
    assert united["Mean departure delay (min)"] == pytest.approx(8.326167, abs=1e-6)
    express = carriers["ExpressJet Airlines Inc."]
    assert (express["Flights"], express["Cancelled"]) == (4_171, 182)
    assert express["Mean arrival delay (min)"] == pytest.approx(25.160192, abs=1e-6)
    assert carriers["SkyWest Airlines Inc."]["Flights"] == 1
    assert carriers["Delta Air Lines Inc."]["On time"] == 3_170
    assert sum(row["Cancelled"] for row in carriers.values()) == 521


def test_a_second_run_attaches_and_the_first_waits_for_it(idle: Installation) -> None:
    first = idle.start("first", "run", "one", "--out", str(idle.folder / "a"), "--json")
    idle.wait("the first run's worker", (idle.data_dir / "logs" / "worker.log").exists)

    second = idle.command("run", "one", "--param", "seconds=2", "--out", str(idle.folder / "b"), "--json")

    assert second.returncode == 0, second.stderr
    assert one_object(second.stdout)["state"] == "succeeded"
    assert first.wait(timeout=30) == 0
    idle.wait("no process left", lambda: idle.living() == [])


def test_a_run_left_over_from_before_stays_untouched(idle: Installation) -> None:
    first = idle.start("first", "run", "one", "--param", "seconds=60")
    idle.wait("the first run to start", lambda: "running" in states_of(idle))
    first.send_signal(signal.SIGKILL)
    first.wait()
    idle.wait("no process left", lambda: idle.living() == [])

    assert idle.command("run", "one").returncode == 0

    assert sorted(states_of(idle)) == ["running", "succeeded"]


def test_a_site_that_is_away_fails_the_run_with_one_line(install: Install) -> None:
    idle = install(demo_url="http://127.0.0.1:9")
    idle.write_pipeline("fetch", FETCH)

    failed = idle.command("run", "fetch", "--json")

    assert failed.returncode == 1
    told = one_object(failed.stdout)
    assert (told["state"], told["reports"]) == ("failed", [])
    assert "127.0.0.1:9" in told["error"]
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("presstime:")]
    assert told["error"] in line


FETCH = '''
"""One page."""

import pandas as pd
from pipelines import Pipeline
from pipelines.sources import Web
from presstime.settings import load_settings
from reports import Sheet, Workbook

fetch = Pipeline("fetch")


@fetch.extract
def page(web: Web) -> pd.DataFrame:
    return web.table(load_settings().demo_url + "/PATH")


@fetch.report
def book(page: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Page", page))
'''


def test_a_run_that_no_worker_takes_can_be_left_and_stays_queued(
    idle: Installation, install: Install
) -> None:
    idle.start_valkey()
    broker = broker_url(socket_path(idle.data_dir))
    alone = install(redis_url=broker)
    alone.write_pipeline("one", ONE)
    following = alone.start("run", "run", "one")
    alone.wait("its message", lambda: waiting_messages(idle.app, "extract.express") == 1, process=following)

    following.send_signal(signal.SIGINT)

    assert following.wait(timeout=PATIENCE) != 0
    assert states_of(alone) == ["queued"]
