"""What pruning does with the artifact store, in a folder and in a real S3 server."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from presstime import sweeping
from presstime.artifacts import Artifacts
from presstime.sweeping import Size, children, delete_below, move, objects_below, size_below, stale_drafts


def put(store: Artifacts, key: str, body: bytes) -> None:
    with store.draft(key) as path:
        path.write_bytes(body)


def test_names_one_level_down_come_in_order(store: Artifacts) -> None:
    for key in ("runs/b/1/x", "runs/a/1/x", "runs/a/2/y", "files/ab/z"):
        put(store, key, b"x")

    assert children(store, "runs") == ["a", "b"]
    assert children(store, "nothing") == []


def test_what_is_below_a_prefix_goes_and_nothing_beside_it(
    store: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sweeping.PAGE <= 1000, "S3 deletes no more in one request"
    monkeypatch.setattr(sweeping, "PAGE", 50)
    for number in range(105):  # more than two pages
        put(store, f"runs/a/{number}/x", b"abc")
    put(store, "runs/ab/1/x", b"abc")

    assert [len(page) for page in objects_below(store, "runs/a")] == [50, 50, 5]
    assert size_below(store, "runs/a") == Size(105, 315)
    assert delete_below(store, "runs/a") == Size(105, 315)
    assert delete_below(store, "runs/a") == Size(0, 0)

    assert children(store, "runs") == ["ab"]
    assert store.exists("runs/ab/1/x")


def test_an_object_is_moved_once(store: Artifacts) -> None:
    put(store, "files/ab/x", b"abc")

    assert move(store, "files/ab/x", "trash/x")
    assert not move(store, "files/ab/x", "trash/x")

    assert store.read("trash/x") == b"abc"
    assert [one.key for page in objects_below(store, "trash") for one in page] == ["trash/x"]


def test_files_that_were_never_finished_are_found_when_they_are_old(tmp_path: Path) -> None:
    store = Artifacts(tmp_path.as_uri())
    store.put_bytes(b"whole", "text/plain")
    folder = next(tmp_path.glob("files/*"))
    (folder / ".draft-1-x").write_bytes(b"half")
    (folder / "staged#12").write_bytes(b"half")
    (folder / ".draft-2-x").write_bytes(b"being written")
    old = time.time() - 2 * 86400
    for path in (folder / ".draft-1-x", folder / "staged#12", *folder.glob("[0-9a-f]*[0-9a-f]")):
        os.utime(path, (old, old))

    found = dict(stale_drafts(store, "files", datetime.now(UTC) - timedelta(days=1)))

    assert found == {folder / ".draft-1-x": 4, folder / "staged#12": 4}
