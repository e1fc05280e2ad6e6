"""`presstime up`: everything at once, restarted when it dies, gone when it is told to go or is killed itself."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from presstime.models import Firing, Report, Run, Schedule
from scheduler.runtime import Runtime
from tests.support.installations.installation import Installation, one_object
from tests.support.processes import living_with, until_all_ended

SLOW = '''
"""A step that takes its time, between two that do not."""

import time
import pandas as pd
from pipelines import Pipeline
from reports import Sheet, Workbook

slow = Pipeline("slow")


@slow.extract
def begun() -> float:
    return time.time()


@slow.transform
def later(begun: float) -> pd.DataFrame:
    time.sleep(3)
    return pd.DataFrame({"n": [1]})


@slow.report
def book(later: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Slow", later))
'''

# Two steps that never end, each with a child; one of the children has left its session.
BUSY = '''
"""Busy until it is killed."""

import os, subprocess, time
from pipelines import Pipeline

busy = Pipeline("busy")


@busy.extract(over=["same", "own"])
def each(session: str) -> int:
    marked = {**os.environ, "STARTED_BY": "FOLDER"}
    subprocess.Popen(["sleep", "600"], start_new_session=session == "own", env=marked)
    while True:
        time.sleep(0.1)
'''


@pytest.fixture(scope="module")
def presstime_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    extra = {"PRESSTIME_LEASE_SECONDS": "3"}
    with Installation(tmp_path_factory.mktemp("up"), extra=extra, interpreters=True) as made:
        made.write_pipeline("slow", SLOW)
        made.write_pipeline("busy", BUSY.replace("FOLDER", str(made.folder)))
        start_up(made, "up", "--demo")
        yield made


def start_up(presstime_up: Installation, name: str, *options: str) -> None:
    """Start `presstime up`, and wait until it says that everything is up, or until it has ended."""
    process = presstime_up.start(name, "up", *options)
    presstime_up.wait(
        "everything to be up", lambda: "Presstime is up" in presstime_up.log(name), process=process
    )


def api(presstime_up: Installation) -> httpx.Client:
    (line,) = [line for line in presstime_up.log("up").splitlines() if line.startswith("Presstime is up")]
    url = line.split()[3]
    token = (presstime_up.data_dir / "token").read_text().strip()
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=10)


def children(presstime_up: Installation) -> dict[str, psutil.Process]:
    """The supervised programs by name; each is the child of the tiny init that the supervisor started."""
    found = {}
    for init in psutil.Process(presstime_up.processes["up"].pid).children():
        with contextlib.suppress(psutil.Error):  # it may end while we look
            for program in init.children():
                if words := program.cmdline():  # a zombie has none
                    found[_name(words)] = program
    return found


def _name(words: list[str]) -> str:
    if "valkey-server" in words[0]:
        return "valkey"
    return words[words.index("-m") + 2] if "cli" in words else "demo"


def test_everything_runs(presstime_up: Installation) -> None:
    presstime_up.wait(
        "six processes",
        lambda: set(children(presstime_up)) == {"valkey", "worker", "beat", "keeper", "api", "demo"},
    )


def test_a_second_one_on_the_same_folder_says_so_in_one_line(presstime_up: Installation) -> None:
    refused = presstime_up.command("up")

    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert f"process {presstime_up.processes['up'].pid}" in line


def test_a_run_asked_for_over_http_ends_in_a_file_that_can_be_fetched(presstime_up: Installation) -> None:
    with api(presstime_up) as client:
        asked = client.post("/pipelines/airlines-every-minute/runs", json={})
        assert asked.status_code == 202, asked.text
        path = asked.headers["location"].removeprefix("/api/v1")
        run = presstime_up.wait(
            "the run's end", lambda: (found := client.get(path).json())["state"] == "succeeded" and found
        )
        (report,) = run["reports"]
        file = client.get(f"/reports/{report['id']}/download")

    assert file.status_code == 200
    assert file.content.startswith(b"PK")
    assert len(file.content) == report["bytes"]


def test_a_command_attaches_to_what_is_up(presstime_up: Installation) -> None:
    done = presstime_up.command("run", "slow", "--json", "--out", str(presstime_up.folder / "out"))

    assert done.returncode == 0, done.stderr
    (report,) = one_object(done.stdout)["reports"]
    assert Path(report["path"]).exists()


@pytest.mark.parametrize("name", ["valkey", "worker", "beat"])
def test_what_is_killed_comes_back_and_the_run_in_flight_ends(presstime_up: Installation, name: str) -> None:
    with api(presstime_up) as client:
        asked = client.post("/pipelines/slow/runs", json={}).json()
    presstime_up.wait("the run to start", lambda: _state(presstime_up.runtime, asked["id"]) == "running")
    killed = children(presstime_up)[name]

    killed.send_signal(signal.SIGKILL)

    presstime_up.wait(
        f"another {name}",
        lambda: (found := children(presstime_up).get(name)) is not None and found.pid != killed.pid,
    )
    presstime_up.wait("the run's end", lambda: _state(presstime_up.runtime, asked["id"]) == "succeeded")
    with presstime_up.runtime.sessions() as session:
        assert session.scalar(select(func.count()).where(Report.run_id == UUID(asked["id"]))) == 1


def _state(runtime: Runtime, run_id: str) -> str:
    with runtime.sessions() as session:
        return session.get_one(Run, UUID(run_id)).state.value


def test_the_demo_schedule_fires_every_minute(presstime_up: Installation) -> None:
    def fired() -> Run | None:
        with presstime_up.runtime.sessions() as session:
            return session.scalars(
                select(Run)
                .join(Firing, Firing.run_id == Run.id)
                .join(Schedule, Schedule.id == Firing.schedule_id)
                .where(Schedule.name == "every-minute", Run.state == "succeeded")
            ).first()

    run: Run = presstime_up.wait("a run at a full minute", fired, seconds=100)

    assert run.trigger == "schedule"
    assert run.scheduled_for is not None
    assert (run.scheduled_for.second, run.scheduled_for.microsecond) == (0, 0)
    with api(presstime_up) as client:
        listed = client.get("/runs", params={"pipeline": "airlines-every-minute"}).json()["items"]
    assert str(run.id) in {item["id"] for item in listed}


def busy_processes(presstime_up: Installation) -> set[int]:
    """The processes of both steps of BUSY and their children, once they are there."""

    def look() -> set[int]:
        children = living_with("STARTED_BY", str(presstime_up.folder))
        return (
            {pid for child in children for pid in (child.pid, child.ppid())} if len(children) == 2 else set()
        )

    busy: set[int] = presstime_up.wait("both busy steps", look)
    return busy


def test_killing_a_worker_leaves_nothing_of_its_pool(presstime_up: Installation) -> None:
    with api(presstime_up) as client:
        assert client.post("/pipelines/busy/runs", json={}).status_code == 202
    busy = busy_processes(presstime_up)
    main = children(presstime_up)["worker"]
    assert busy <= {process.pid for process in main.children(recursive=True)}

    main.kill()

    until_all_ended(busy)


def test_killing_the_supervisor_leaves_no_process_even_of_a_busy_pool(presstime_up: Installation) -> None:
    busy = busy_processes(presstime_up)  # another worker has begun anew
    everything = psutil.Process(presstime_up.processes["up"].pid).children(recursive=True)
    assert busy <= {process.pid for process in everything}
    assert len(everything) > 12

    presstime_up.stop("up", signal.SIGKILL)

    until_all_ended([process.pid for process in everything])


def test_ctrl_c_ends_everything_cleanly(presstime_up: Installation) -> None:
    start_up(presstime_up, "again")
    everything = psutil.Process(presstime_up.processes["again"].pid).children(recursive=True)

    assert presstime_up.stop("again", signal.SIGINT) == 0

    _, alive = psutil.wait_procs(everything, timeout=30)
    assert alive == []
    assert "Traceback" not in presstime_up.log("again")
