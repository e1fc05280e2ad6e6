"""The embedded broker: real servers on unix sockets, and real clients of all three kinds."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from redis import Redis

from scheduler.valkey import (
    LONGEST_SOCKET,
    OtherEngine,
    SocketFolderForeign,
    answers,
    broker_url,
    find_server,
    redbeat_url,
    results_url,
    same_for_redbeat,
    server_command,
    socket_path,
)
from tests.support.servers.valkey import running_valkey


@pytest.fixture
def far_away(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose own path is too long for a socket; its short folder is removed afterwards."""
    folder = tmp_path / ("far" * 40)
    yield folder
    short = socket_path(folder).parent
    if short.is_symlink():
        short.unlink()
    elif short.exists():
        shutil.rmtree(short)


def test_it_answers_once_started_and_not_any_more_once_stopped(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as path:
        assert answers(path)

    assert not answers(path)


def test_only_its_owner_may_use_the_socket(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as path:
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_data_folder_with_a_long_path_gets_a_short_socket_in_a_private_folder(far_away: Path) -> None:
    with running_valkey(far_away) as path:
        assert len(bytes(path)) <= LONGEST_SOCKET
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert socket_path(far_away) == path


def test_two_long_data_folders_do_not_share_a_socket(far_away: Path) -> None:
    assert socket_path(far_away) != socket_path(far_away.with_name("other" * 30))


def test_a_short_socket_folder_that_is_a_link_is_refused(far_away: Path, tmp_path: Path) -> None:
    path = socket_path(far_away)
    path.parent.symlink_to(tmp_path)

    with pytest.raises(SocketFolderForeign, match="belongs to somebody else"):
        server_command(find_server(), path, far_away, persistent=False)


def test_what_was_written_survives_a_restart_when_persistent(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as path, Redis.from_url(redbeat_url(path)) as client:
        client.set("kept", "yes")

    with running_valkey(tmp_path) as path, Redis.from_url(redbeat_url(path)) as client:
        assert client.get("kept") == b"yes"


def test_nothing_survives_a_restart_when_not_persistent(tmp_path: Path) -> None:
    with running_valkey(tmp_path, persistent=False) as path, Redis.from_url(redbeat_url(path)) as client:
        client.set("kept", "yes")

    with running_valkey(tmp_path, persistent=False) as path, Redis.from_url(redbeat_url(path)) as client:
        assert client.get("kept") is None


def test_the_file_of_another_engine_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "engine").write_text("redis-7\n")

    with pytest.raises(OtherEngine, match="written by redis-7"):
        server_command(find_server(), tmp_path / "valkey.sock", tmp_path, persistent=True)

    assert (tmp_path / "engine").read_text() == "redis-7\n"


def test_a_file_of_nobody_knows_what_engine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").mkdir()

    with pytest.raises(OtherEngine, match="an unknown engine"):
        server_command(find_server(), tmp_path / "valkey.sock", tmp_path, persistent=True)


def test_a_data_folder_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")

    with running_valkey(tmp_path / "data") as path:
        assert answers(path)


def test_the_short_socket_is_the_same_whatever_tmpdir_says(
    far_away: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = socket_path(far_away)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    assert socket_path(far_away) == here


def test_each_url_reaches_its_own_database_whatever_the_path_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "Büro 100%?"  # capitals, a space, and what a URL gives a meaning to
    folder.mkdir()
    with running_valkey(folder) as path:
        app = Celery(broker=broker_url(path), backend=results_url(path), set_as_current=False)
        app.send_task("nobody.runs.this", task_id="one", queue="some")
        results: Any = app.backend  # untyped there; its own methods call what redis-py calls deprecated
        results.client.set("result", "1")
        with Redis.from_url(redbeat_url(path)) as client:
            client.set("clock", "2")
        with Redis.from_url(same_for_redbeat(results_url(path))) as client:
            client.set("clock too", "1")
        app.close()

        found = {db: _keys(path, db) for db in range(3)}

    assert "some" in found[0]
    assert found[1] == {"result", "clock too"}
    assert found[2] == {"clock"}


def _keys(path: Path, database: int) -> set[str]:
    with Redis(unix_socket_path=str(path), db=database, decode_responses=True) as client:
        return set(client.scan_iter())
