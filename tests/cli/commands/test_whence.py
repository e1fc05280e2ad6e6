"""Which runs made a file, on the command line."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from presstime.database import create_engine, create_sessions
from tests.support.commands import Command
from tests.support.runs.files import BODY, SHA256, fetched, made, run_with_task
from tests.support.servers.databases import sqlite_with_tables


@pytest.fixture
def sessions(data_dir: Path) -> sessionmaker[Session]:
    return create_sessions(create_engine(sqlite_with_tables(data_dir / "presstime.db")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "from-a-colleague.txt"
    path.write_bytes(BODY)
    return path


def test_a_file_finds_the_run_that_made_it(
    command: Command, sessions: sessionmaker[Session], file: Path
) -> None:
    run, task = run_with_task(sessions)
    report = made(sessions, task)

    told = command("whence", str(file))
    document = json.loads(command("whence", str(file), "--json").stdout)

    assert (told.code, told.stderr) == (0, "")
    head, line = told.stdout.splitlines()
    assert head.split() == ["Run", "Pipeline", "Interval", "State", "By", "Created", "What", "it", "did"]
    assert line.split()[:4] == [str(run), "bare", "queued", "cli"]
    assert line.rstrip().endswith("made Sales.txt, version 1 (the newest)")
    assert (document["sha256"], document["more"]) == (SHA256, False)
    (found,) = document["runs"]
    assert (found["id"], found["pipeline"], found["state"], found["trigger"]) == (
        str(run),
        "bare",
        "queued",
        "cli",
    )
    assert found["reports"] == [
        {
            "id": str(report.id),
            "name": "Sales",
            "filename": "Sales.txt",
            "version": 1,
            "newest_version": 1,
            "superseded": False,
            "created_at": report.created_at.isoformat(),
        }
    ]
    assert (found["reports_total"], found["fetches"], found["fetches_total"]) == (1, [], 0)


def test_a_superseded_report_is_said_to_be_one(
    command: Command, sessions: sessionmaker[Session], file: Path
) -> None:
    made(sessions, run_with_task(sessions)[1])
    made(sessions, run_with_task(sessions)[1], body=b"later figures")

    assert "version 1 (superseded, the newest is 2)" in command("whence", str(file)).stdout
    (found,) = json.loads(command("whence", str(file), "--json").stdout)["runs"]
    assert (found["reports"][0]["superseded"], found["reports"][0]["newest_version"]) == (True, 2)


def test_what_was_fetched_is_found_by_its_sha256_alone(
    command: Command, sessions: sessionmaker[Session]
) -> None:
    run, task = run_with_task(sessions)
    fetched(sessions, task, *(f"http://a/{number}\x1b[2J" for number in range(25)))

    told = command("whence", SHA256.upper()).stdout

    assert f"{run}" in told
    assert "fetched http://a/0\\x1b[2J at 2026-11-01 06:00:00Z by pages" in told
    assert told.count("fetched ") == 20
    assert "and 5 times more" in told
    (found,) = json.loads(command("whence", SHA256, "--json").stdout)["runs"]
    assert (len(found["fetches"]), found["fetches_total"]) == (20, 25)


def test_of_many_runs_the_newest_are_shown(
    command: Command, sessions: sessionmaker[Session], file: Path
) -> None:
    runs = []
    for _ in range(3):
        run, task = run_with_task(sessions)
        made(sessions, task)
        runs.append(str(run))

    told = command("whence", str(file), "--limit", "2")
    document = json.loads(command("whence", str(file), "--limit", "2", "--json").stdout)

    assert [run["id"] for run in document["runs"]] == runs[:0:-1]
    assert document["more"]
    assert "there are more, older runs" in told.line


@pytest.mark.usefixtures("sessions")
def test_a_file_of_nobody_here_is_one_line_and_exits_with_one(command: Command, file: Path) -> None:
    told = command("whence", str(file))
    document = command("whence", str(file), "--json")

    assert (told.code, told.stdout) == (1, "")
    assert f"no run here made or fetched a file with sha256 {SHA256}" in told.line
    assert (document.code, json.loads(document.stdout)) == (1, {"sha256": SHA256, "runs": [], "more": False})


@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing.xlsx", "nothing.xlsx: there is no such file"), ("abc", "or the 64 digits of a sha256")],
)
def test_what_is_neither_file_nor_sha256_is_refused(command: Command, name: str, said: str) -> None:
    refused = command("whence", name)

    assert (refused.code, refused.stdout) == (2, "")
    assert said in refused.line


def test_a_folder_is_refused(command: Command, tmp_path: Path) -> None:
    refused = command("whence", str(tmp_path))

    assert refused.code == 2
    assert "Is a directory" in refused.line


@pytest.mark.usefixtures("sessions")
def test_a_thousand_runs_may_be_asked_for_and_no_more(command: Command, file: Path) -> None:
    assert command("whence", str(file), "--limit", "1000").code == 1, "nobody here knows the file"
    assert command("whence", str(file), "--limit", "1001").code == 2, "that is no way to ask"
