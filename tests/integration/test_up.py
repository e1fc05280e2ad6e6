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


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    extra = {"PRESSTIME_LEASE_SECONDS": "3"}
    made = Installation(tmp_path_factory.mktemp("up"), extra=extra, interpreters=True)
    made.write_pipeline("slow", SLOW)
    made.start("up", "up", "--demo")
    made.wait("everything to be up", lambda: "Presstime is up" in made.log("up"))
    yield made
    made.stop_all()


@pytest.fixture
def runtime(installation: Installation) -> Iterator[Runtime]:
    opened = installation.runtime()
    yield opened
    opened.engine.dispose()


def api(installation: Installation) -> httpx.Client:
    (line,) = [line for line in installation.log("up").splitlines() if line.startswith("Presstime is up")]
    url = line.split()[3]
    token = (installation.data_dir / "token").read_text().strip()
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=10)


def children(installation: Installation) -> dict[str, psutil.Process]:
    """The supervised programs by name; each is the child of the tiny init that the supervisor started."""
    found = {}
    for init in psutil.Process(installation.processes["up"].pid).children():
        with contextlib.suppress(psutil.Error):  # it may end while we look
            for program in init.children():
                if words := program.cmdline():  # a zombie has none
                    found[_name(words)] = program
    return found


def _name(words: list[str]) -> str:
    if "valkey-server" in words[0]:
        return "valkey"
    return words[words.index("-m") + 2] if "cli" in words else "demo"


def test_everything_runs(installation: Installation) -> None:
    installation.wait(
        "six processes",
        lambda: set(children(installation)) == {"valkey", "worker", "beat", "keeper", "api", "demo"},
    )


def test_a_second_one_on_the_same_folder_says_so_in_one_line(installation: Installation) -> None:
    refused = installation.command("up")

    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert f"process {installation.processes['up'].pid}" in line


def test_a_run_asked_for_over_http_ends_in_a_file_that_can_be_fetched(installation: Installation) -> None:
    with api(installation) as client:
        asked = client.post("/pipelines/airlines-every-minute/runs", json={})
        assert asked.status_code == 202, asked.text
        path = asked.headers["location"].removeprefix("/api/v1")
        run = installation.wait(
            "the run's end", lambda: (found := client.get(path).json())["state"] == "succeeded" and found
        )
        (report,) = run["reports"]
        file = client.get(f"/reports/{report['id']}/download")

    assert file.status_code == 200
    assert file.content.startswith(b"PK")
    assert len(file.content) == report["bytes"]


def test_a_command_attaches_to_what_is_up(installation: Installation) -> None:
    done = installation.command("run", "slow", "--json", "--out", str(installation.folder / "out"))

    assert done.returncode == 0, done.stderr
    (report,) = one_object(done.stdout)["reports"]
    assert Path(report["path"]).exists()


@pytest.mark.parametrize("name", ["valkey", "worker", "beat"])
def test_what_is_killed_comes_back_and_the_run_in_flight_ends(
    installation: Installation, runtime: Runtime, name: str
) -> None:
    with api(installation) as client:
        asked = client.post("/pipelines/slow/runs", json={}).json()
    installation.wait("the run to start", lambda: _state(runtime, asked["id"]) == "running")
    killed = children(installation)[name]

    killed.send_signal(signal.SIGKILL)

    installation.wait(
        f"another {name}",
        lambda: (found := children(installation).get(name)) is not None and found.pid != killed.pid,
    )
    installation.wait("the run's end", lambda: _state(runtime, asked["id"]) == "succeeded")
    with runtime.sessions() as session:
        assert session.scalar(select(func.count()).where(Report.run_id == UUID(asked["id"]))) == 1


def _state(runtime: Runtime, run_id: str) -> str:
    with runtime.sessions() as session:
        return session.get_one(Run, UUID(run_id)).state.value


def test_the_demo_schedule_fires_every_minute(installation: Installation, runtime: Runtime) -> None:
    def fired() -> Run | None:
        with runtime.sessions() as session:
            return session.scalars(
                select(Run)
                .join(Firing, Firing.run_id == Run.id)
                .join(Schedule, Schedule.id == Firing.schedule_id)
                .where(Schedule.name == "every-minute", Run.state == "succeeded")
            ).first()

    run: Run = installation.wait("a run at a full minute", fired, seconds=100)

    assert run.trigger == "schedule"
    assert run.scheduled_for is not None
    assert (run.scheduled_for.second, run.scheduled_for.microsecond) == (0, 0)
    with api(installation) as client:
        listed = client.get("/runs", params={"pipeline": "airlines-every-minute"}).json()["items"]
    assert str(run.id) in {item["id"] for item in listed}


def test_killing_the_supervisor_leaves_no_process(installation: Installation) -> None:
    everything = psutil.Process(installation.processes["up"].pid).children(recursive=True)
    assert len(everything) > 12

    installation.stop("up", signal.SIGKILL)

    _, alive = psutil.wait_procs(everything, timeout=30)
    assert alive == []


def test_ctrl_c_ends_everything_cleanly(installation: Installation) -> None:
    installation.start("again", "up")
    installation.wait("everything to be up", lambda: "Presstime is up" in installation.log("again"))
    everything = psutil.Process(installation.processes["again"].pid).children(recursive=True)

    assert installation.stop("again", signal.SIGINT) == 0

    _, alive = psutil.wait_procs(everything, timeout=30)
    assert alive == []
    assert "Traceback" not in installation.log("again")
