"""What cannot be done is refused before anything exists: exit code 2, and one line that says what to do."""

import json
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.folder_lock import FolderLock
from tests.support.commands import ONE, Command


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "on"), "did you mean 'one'"),
        (("run", "one", "--param", "second=1"), "second"),
        (("run", "one", "--param", "seconds=soon"), "seconds"),
        (("run", "one", "--param", "seconds"), "name=value"),
        (("run", "one", "--interval", "2013-13"), "2013-13"),
        (("show", "no-such-run"), "no run no-such-run"),
        (("canvas", "on"), "did you mean 'one'"),
    ],
)
def test_a_wrong_word_is_one_line_and_leaves_nothing(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    refused = command(*words)

    assert refused.code == 2
    assert refused.stdout == ""
    assert said in refused.line
    assert json.loads(command("runs", "--json").stdout) == []


def test_a_data_folder_that_cannot_be_written_is_refused(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSTIME_DATA_DIR", "/proc/presstime")

    for words in (("run", "one"), ("up",), ("runs",), ("migrate",)):
        refused = command(*words)
        assert refused.code == 2, words
        assert "/proc/presstime" in refused.line
        assert "PRESSTIME_DATA_DIR" in refused.line


def test_an_output_folder_that_cannot_be_written_is_refused_before_anything_runs(
    command: Command, data_dir: Path
) -> None:
    refused = command("run", "one", "--out", "/proc/reports")

    assert refused.code == 2
    assert "--out" in refused.line
    assert not (data_dir / "presstime.db").exists()


def test_a_database_without_our_tables_is_refused_and_left_alone(command: Command, data_dir: Path) -> None:
    data_dir.mkdir()
    with sqlite3.connect(data_dir / "presstime.db") as database:
        database.execute("CREATE TABLE customers (id INTEGER)")
    database.close()

    refused = command("run", "one")

    assert refused.code == 2
    assert "not Presstime's" in refused.line


def test_an_older_database_is_refused_with_the_command_that_mends_it(
    command: Command, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSTIME_DATABASE_URL", f"sqlite:///{data_dir / 'named.db'}")

    refused = command("run", "one")
    assert refused.code == 2
    assert "presstime migrate" in refused.line

    assert command("migrate").code == 0
    assert json.loads(command("runs", "--json").stdout) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_PORT", "http", "PRESSTIME_API_PORT"),
        ("DATABASE_URL", "mysql://root:secret@host/db", "postgresql+psycopg"),
        ("WORKER_POOL", "gevent", "PRESSTIME_WORKER_POOL"),
        ("ARTIFACTS_URL", "ftp://host", "PRESSTIME_ARTIFACTS_URL"),
        ("BROKER_URL", "amqp://root:secret@host", "PRESSTIME_REDIS_URL"),
    ],
)
def test_a_bad_setting_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"PRESSTIME_{name}", value)

    refused = command("run", "one")

    assert refused.code == 2
    assert said in refused.line
    assert "secret" not in refused.line


def test_a_port_that_is_taken_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PRESSTIME_API_PORT", str(other.getsockname()[1]))

        refused = command("up")

    assert refused.code == 2
    assert "PRESSTIME_API_PORT" in refused.line


def test_a_second_up_on_one_folder_says_who_has_it(command: Command, data_dir: Path) -> None:
    lock = FolderLock.acquire(data_dir, "up", datetime(2026, 11, 1, tzinfo=UTC))

    refused = command("up")

    lock.release()
    assert refused.code == 2
    assert "`presstime up`" in refused.line
    assert "2026-11-01" in refused.line


def test_a_broken_file_is_listed_with_its_line_and_stops_only_itself(command: Command, folder: Path) -> None:
    (folder / "broken.py").write_text('"""Broken."""\n\nfrom pipelines import Pipelin\n')

    checked = command("check")

    assert checked.code == 1
    assert "broken.py:3" in checked.stderr
    assert "one" in {row["name"] for row in json.loads(command("pipelines", "--json").stdout)}


def test_a_name_given_twice_names_both_files(command: Command, folder: Path) -> None:
    (folder / "two.py").write_text(ONE)

    refused = command("canvas", "one")

    assert refused.code == 2
    assert "one.py" in refused.line
    assert "two.py" in refused.line


def test_a_package_of_the_users_is_not_taken_for_ours(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name == "reports" or name.startswith("reports.")]:
        monkeypatch.delitem(sys.modules, name)

    refused = command("runs")

    assert refused.code == 2
    assert "'reports'" in refused.line
