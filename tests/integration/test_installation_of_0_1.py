"""An installation of 0.1 that was killed at work is opened by today's code, and everything runs on."""

import hashlib
import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from scheduler.valkey import socket_path
from tests.fixtures.installation_0_1.restore import (
    named,
    redis_keys,
    restore_files,
    restore_postgresql,
    restore_redis,
    restore_sqlite,
)
from tests.support.installations.installation import Installation
from tests.support.servers.postgres import PostgresServer

TOKEN = "open-sesame"  # not a secret: it opens what a test has just made
FINAL = {"succeeded", "failed", "cancelled", "skipped"}
ENDED = (
    "succeeded",
    "failed",
    "cancelled",
    "skipped",
    "late",
    "prices",
    "prices again",
)  # before it was killed
INTERRUPTED = ("half", "woken", "held", "joined", "tried again", "queued", "unsent")
FAULT = re.compile(r".*(?:Traceback|ERROR|CRITICAL|could not be|unregistered).*")
QUEUES = (
    "control",
    "extract",
    "extract.express",
    "transform",
    "transform.express",
    "report",
    "report.express",
)


@dataclass
class Opened:
    """The installation under today's code. `before` has its runs by name, as they were before any worker came."""

    kind: str
    installation: Installation
    http: httpx.Client
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    since: float = field(default_factory=time.time)

    @property
    def ids(self) -> dict[str, str]:
        found: dict[str, str] = named(self.kind)["ids"]
        return found

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.http.request(method, f"/api/v1/{path}", json=body, headers=headers)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json()

    def run(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"runs/{self.ids[name]}")
        return found

    def runs(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"runs?limit=200{query}")["items"]
        return found

    def witness(self, beginning: str) -> list[str]:
        """What the tills say was counted by today's code, in the order of the alphabet."""
        lines = (self.installation.folder / "shops" / "witness").read_text().splitlines()
        return sorted(line for line in lines if line.startswith(beginning))

    def redis(self, database: int) -> Redis:
        path = socket_path(self.installation.data_dir)
        return Redis(unix_socket_path=str(path), db=database, decode_responses=True)

    def open(self) -> None:
        """As an operator does after an upgrade; the keeper last, so that what messages ask for is seen to come."""
        done = self.installation.command("migrate")
        assert done.returncode == 0, done.stderr
        self.installation.start_valkey()
        restore_redis(self.kind, socket_path(self.installation.data_dir))
        for name in ("api", "beat"):
            self.installation.start(name)
        self.installation.wait("the API", self._lives)
        self.before = {name: self.run(name) for name in (*ENDED, *INTERRUPTED)}
        self.installation.start("worker")
        self.installation.wait("what messages of 0.1 ask for", self._messages_served)
        self.installation.start("keeper")
        self.installation.wait("the end of every run", self._all_over)

    def _lives(self) -> bool:
        try:
            return self.http.get("/health/live").is_success
        except httpx.TransportError:
            return False

    def _messages_served(self) -> bool:
        """A `step`, an `advance` and a `fire`, without any keeper."""
        done = [self.run(name)["state"] == "succeeded" for name in ("queued", "joined")]
        return all(done) and bool(self.runs("&trigger=schedule&pipeline=ledger"))

    def _all_over(self) -> bool:
        backfills = self.ask("GET", "backfills")["items"]
        return all(row["state"] == "finished" for row in backfills) and all(
            run["state"] in FINAL for run in self.runs()
        )


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    port, url = free_port(), ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
    installation = restored(tmp_path_factory.mktemp("of-0-1"), url, port)
    address, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {TOKEN}"}
    try:
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as http:
            found = Opened(request.param, installation, http)
            found.open()
            yield found
    finally:
        for name in installation.processes.keys() - {"valkey"}:
            installation.processes[name].terminate()  # all at once, so that they end beside one another
        installation.stop_all()


def restored(folder: Path, url: str, port: int) -> Installation:
    """Its rows and files, as they lay there when it was killed; nothing runs."""
    (folder / "shops").mkdir()
    # Never pruned: on a day in a year, everything would be.
    own = {"API_PORT": str(port), "TOKEN": TOKEN, "PRUNE_AT": "", "KEEPER_SECONDS": "0.2"}
    extra = {f"PRESSTIME_{name}": value for name, value in own.items()}
    installation = Installation(folder, url, {**extra, "SHOPS_FOLDER": str(folder / "shops")})
    restore_files(installation.pipelines, installation.data_dir / "artifacts")
    if url:
        restore_postgresql(url.replace("+psycopg", ""))
    else:
        restore_sqlite(installation.data_dir / "presstime.db")
    return installation


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def tasks(run: dict[str, Any], step: str) -> list[dict[str, Any]]:
    return [task for task in run["tasks"] if task["step"] == step]


def test_the_fixture_holds_each_state_and_a_run_half_done(opened: Opened) -> None:
    states = {name: run["state"] for name, run in opened.before.items()}

    assert {states[name] for name in ENDED} == FINAL
    assert {states[name] for name in INTERRUPTED} == {"queued", "running"}
    items = sorted(task["state"] for task in tasks(opened.before["half"], "counted"))
    assert items == ["ready", "ready", "running", "succeeded"]


def test_a_run_half_done_is_finished_and_what_it_had_is_not_done_again(opened: Opened) -> None:
    before = {task["item"]: task for task in tasks(opened.before["half"], "counted")}
    (done,) = [item for item, task in before.items() if task["state"] == "succeeded"]
    (lost,) = [item for item, task in before.items() if task["state"] == "running"]

    run = opened.run("half")

    after = {task["item"]: task for task in tasks(run, "counted")}
    assert run["state"] == "succeeded"
    assert after[done] == before[done]
    assert (after[lost]["attempt"], after[lost]["losses"], after[lost]["errors"]) == (2, 1, 0)
    assert opened.witness("half-") == sorted(f"half-{item}" for item in before if item != done)
    (task,) = tasks(run, "by_shop")
    assert task["rows"] == len(before)


def test_every_run_that_was_under_way_succeeds_and_no_finished_task_is_done_again(opened: Opened) -> None:
    for name in INTERRUPTED:
        run = opened.run(name)
        after = {task["id"]: task for task in run["tasks"]}
        assert (name, run["state"]) == (name, "succeeded")
        for task in opened.before[name]["tasks"]:
            if task["state"] == "succeeded":
                assert after[task["id"]] == task


def test_each_count_of_a_till_is_made_once(opened: Opened) -> None:
    queued = sorted(
        f"{name}-{shop}" for name in ("queued", "unsent") for shop in ("east", "north", "south", "west")
    )

    assert opened.witness("queued-") + opened.witness("unsent-") == queued
    assert opened.witness("cash-2025") == ["cash-2025-12-29", "cash-2025-12-31"]  # not that which only joined
    assert len(opened.witness("woken-")) == 3


def test_a_due_schedule_fires_once_for_its_newest_instant(opened: Opened) -> None:
    schedule = opened.ask("GET", "schedules/ledger/nightly")
    minute, hour, *_ = schedule["overrides"]["expression"].split()

    (run,) = opened.runs("&trigger=schedule&pipeline=ledger")

    made = datetime.fromisoformat(run["created_at"])
    newest = made.astimezone(UTC).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    newest -= timedelta(days=1) if newest > made else timedelta(0)
    assert run["state"] == "succeeded"
    assert datetime.fromisoformat(run["scheduled_for"]) == newest
    why = opened.ask("GET", "schedules/ledger/nightly/why")
    assert (why["decision"]["fired"], why["decision"]["run_id"]) == (True, run["id"])


def test_backfills_go_on_to_their_ends(opened: Opened) -> None:
    first, second = (opened.ask("GET", f"backfills/{opened.ids[n]}") for n in ("backfill", "second backfill"))

    assert {state: count for state, count in first["progress"].items() if count} == {"succeeded": 5}
    assert {state: count for state, count in second["progress"].items() if count} == {
        "cancelled": 1,
        "succeeded": 2,
    }
    days = ["2026-01-03", "2026-01-04", "2026-01-05", "2026-02-02", "2026-02-03"]
    assert opened.witness("cash-2026-01") + opened.witness("cash-2026-02") == [f"cash-{day}" for day in days]


def test_a_paused_schedule_stays_silent_and_what_operators_made_stays(opened: Opened) -> None:
    schedules = {row["name"]: row for row in opened.ask("GET", "schedules")["items"]}

    assert schedules["often"]["paused"]["why"] == "the book is full"
    assert schedules["often"]["next_run"] is None
    assert schedules["nightly"]["overrides"].keys() == {"kind", "timezone", "expression"}
    assert (schedules["by-hand"]["declared"], schedules["by-hand"]["spec"]["params"]) == (
        False,
        {"account": "bank"},
    )
    assert [run["schedule_id"] for run in map(opened.run, ["late"])] == [schedules["one-day"]["id"]]
    assert opened.ask("GET", "schedules/late")["items"][-1]["run_id"] == opened.ids["late"]
    assert not opened.witness("bank-")


def test_reports_of_0_1_are_handed_out_as_they_were(opened: Opened) -> None:
    reports = named(opened.kind)["reports"]

    for report in reports:
        body = opened.http.get(f"/api/v1/reports/{report['id']}/download").content
        assert hashlib.sha256(body).hexdigest() == report["sha256"], report
        found = opened.ask("GET", f"reports/{report['id']}")
        assert {word: found[word] for word in report} == report
    assert {report["version"] for report in reports if report["filename"] == "Prices 2026-10.csv"} == {1, 2}
    assert {report["format"] for report in reports} == {"xlsx", "csv", "json"}


def test_a_new_report_is_the_next_version(opened: Opened) -> None:
    runs = [opened.ask("GET", f"runs/{run['id']}") for run in opened.runs("&pipeline=takings")]

    versions = sorted(
        report["version"] for run in runs for report in run["reports"] if report["format"] == "csv"
    )

    assert versions == list(range(1, len(versions) + 1))
    assert len(versions) > 2


def test_what_was_over_stays_as_it_was(opened: Opened) -> None:
    for name in ("cancelled", "skipped", "succeeded", "late", "prices", "prices again"):
        assert opened.run(name) == opened.before[name]


def test_a_failed_run_is_retried_from_where_it_failed(opened: Opened) -> None:
    kept = [task for task in opened.before["failed"]["tasks"] if task["state"] == "succeeded"]

    opened.ask("POST", f"runs/{opened.ids['failed']}/retry")
    run: dict[str, Any] = opened.installation.wait(
        "its end", lambda: run if (run := opened.run("failed"))["state"] in FINAL else None
    )

    assert (run["state"], run["generation"]) == ("succeeded", 2)
    assert all(task in run["tasks"] for task in kept)
    assert opened.witness("bad-") == ["bad-south"]


def test_a_key_that_was_used_gives_the_run_that_it_made(opened: Opened) -> None:
    body = {"params": {"name": "good"}, "interval": None}

    again = opened.ask("POST", "pipelines/takings/runs", body, **{"Idempotency-Key": "the key of succeeded"})

    assert again["id"] == opened.ids["succeeded"]


def test_messages_of_0_1_are_served_without_an_error(opened: Opened) -> None:
    with opened.redis(0) as broker:
        left = {queue: broker.lrange(queue, 0, -1) for queue in QUEUES}
        old = [m for queue in QUEUES for m in redis_keys(opened.kind, 0).get(queue, {"value": []})["value"]]

    sent = {json.loads(message)["headers"]["task"] for message in old}
    assert sent == {"presstime.step", "presstime.advance", "presstime.fire"}
    assert not [message for messages in left.values() for message in messages if message in old]
    for name in ("worker", "beat", "keeper", "api"):
        assert not FAULT.findall(opened.installation.log(name))


def test_entries_of_redbeat_are_read_and_kept(opened: Opened) -> None:
    old = redis_keys(opened.kind, 2)
    entries = {key: kept["value"] for key, kept in old.items() if kept["type"] == "hash"}

    with opened.redis(2) as redbeat:
        now = {key: redbeat.hgetall(key) for key in entries}
        scores = dict(redbeat.zrange("redbeat::schedule", 0, -1, withscores=True))

    assert {key: entry["definition"] for key, entry in now.items()} == {
        key: entry["definition"] for key, entry in entries.items()
    }
    assert scores.keys() == old["redbeat::schedule"]["value"].keys()
    assert scores["redbeat:ledger/often"] > opened.since  # whatever was due has rung, and was moved on
    assert "cannot be read" not in opened.installation.log("beat")
