"""The artifact store, in a folder and in a real S3 server: whole objects or none."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from presstime.artifacts import ArtifactMissing, Artifacts, ArtifactsUnavailable, file_key, trash_key
from presstime.sweeping import move


def test_a_draft_is_there_whole_when_it_is_done(store: Artifacts) -> None:
    with store.draft("runs/1/result.bin") as path:
        path.write_bytes(b"abc" * 1_000_000)
        assert not store.exists("runs/1/result.bin")

    assert store.read("runs/1/result.bin") == b"abc" * 1_000_000


def test_a_draft_that_fails_leaves_nothing(store: Artifacts) -> None:
    def fail() -> None:
        with store.draft("runs/1/half.bin") as path:
            path.write_bytes(b"half")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail()

    assert not store.exists("runs/1/half.bin")


def test_a_failed_draft_leaves_the_old_object_alone(store: Artifacts) -> None:
    with store.draft("report") as path:
        path.write_bytes(b"old")

    def fail() -> None:
        with store.draft("report") as path:
            path.write_bytes(b"new")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail()

    assert store.read("report") == b"old"


def test_the_same_bytes_are_stored_once_under_their_sha256(store: Artifacts, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"hello")

    stored = store.put_file(path, "text/plain")

    assert stored == store.put_bytes(b"hello", "text/plain") == store.put_file(path, "text/plain")
    assert stored.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert store.read(file_key(stored.sha256)) == b"hello"


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 3, b"012"), (7, None, b"789"), (3, 5, b"34")])
def test_a_part_of_an_object_can_be_streamed(
    store: Artifacts, start: int, end: int | None, expected: bytes
) -> None:
    with store.draft("digits") as path:
        path.write_bytes(b"0123456789")

    assert b"".join(store.stream("digits", start, end)) == expected


def test_an_object_can_be_read_from_a_local_path(store: Artifacts) -> None:
    with store.draft("frame.parquet") as path:
        path.write_bytes(b"rows")

    with store.local("frame.parquet") as path:
        assert path.read_bytes() == b"rows"
        assert path.suffix == ".parquet"


def test_what_is_not_there_is_named(store: Artifacts) -> None:
    with pytest.raises(ArtifactMissing, match="'nothing'"):
        store.read("nothing")
    with pytest.raises(ArtifactMissing, match="'nothing'"), store.local("nothing"):
        pass
    store.delete("nothing")


def test_what_is_deleted_is_gone(store: Artifacts) -> None:
    with store.draft("old") as path:
        path.write_bytes(b"old")

    store.delete("old")

    assert not store.exists("old")


def test_a_file_that_was_set_aside_is_read_from_there_and_stored_anew(store: Artifacts) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    assert move(store, stored.key, trash_key(stored.sha256))

    assert not store.exists(stored.key)
    assert store.readable(stored.key)
    assert store.read(stored.key) == b"0123456789"
    assert b"".join(store.stream(stored.key, 3, 5)) == b"34"
    with store.local(stored.key) as path:
        assert path.read_bytes() == b"0123456789"

    store.put_bytes(b"0123456789", "text/plain")
    assert store.exists(stored.key)


def test_a_file_is_read_while_it_is_set_aside_and_put_back(store: Artifacts) -> None:
    stored = store.put_bytes(b"0123456789", "text/plain")
    aside = trash_key(stored.sha256)

    def to_and_fro() -> None:
        move(store, stored.key, aside)
        move(store, aside, stored.key)

    with ThreadPoolExecutor(1) as pool:
        for _ in range(30):
            moving = pool.submit(to_and_fro)
            assert store.readable(stored.key)
            while not moving.done():
                assert store.read(stored.key) == b"0123456789"
            moving.result()


def test_only_files_are_looked_for_in_the_trash(store: Artifacts) -> None:
    with store.draft("trash/result.json") as path:
        path.write_bytes(b"not this one")

    assert not store.readable("runs/1/result.json")
    with pytest.raises(ArtifactMissing):
        store.read("runs/1/result.json")


@pytest.mark.parametrize("url", ["ftp://host/folder", "nonsense", "file:///proc/presstime"])
def test_a_store_that_cannot_be_used_names_the_setting(url: str) -> None:
    with pytest.raises(ArtifactsUnavailable, match="PRESSTIME_ARTIFACTS_URL"):
        Artifacts(url)


def test_a_file_can_be_searched_where_it_lies(store: Artifacts) -> None:
    body = b"".join(number.to_bytes(4, "big") for number in range(1_000_000))
    stored = store.put_bytes(body, "text/plain")

    with store.open(stored.key) as file:
        assert file.seek(-8, io.SEEK_END) == len(body) - 8
        assert (file.read(), file.read()) == (body[-8:], b"")
        assert (file.seek(70_001), file.read(200_000), file.tell()) == (70_001, body[70_001:270_001], 270_001)
        assert (file.seek(-5, io.SEEK_CUR), file.read(3)) == (269_996, body[269_996:269_999])
        assert (file.seek(len(body) + 1), file.read(1)) == (len(body) + 1, b"")
        assert (file.seek(0), file.read()) == (0, body)
        with pytest.raises(OSError):  # zipfile looks for no more than that
            file.seek(-1)


def test_an_empty_file_can_be_searched_too(store: Artifacts) -> None:
    stored = store.put_bytes(b"", "text/plain")

    with store.open(stored.key) as file:
        assert (file.seek(0, io.SEEK_END), file.read()) == (0, b"")


def test_a_file_stays_open_when_it_is_set_aside(store: Artifacts) -> None:
    body = bytes(3_000_000)
    stored = store.put_bytes(body, "text/plain")

    with store.open(stored.key) as file:
        file.read(10)
        assert move(store, stored.key, trash_key(stored.sha256))
        assert file.read() == body[10:]
    with store.open(stored.key) as file:
        assert file.read(3) == body[:3]


def test_a_file_that_is_not_there_is_not_opened(store: Artifacts) -> None:
    with pytest.raises(ArtifactMissing, match="'nothing'"):
        store.open("nothing")


def test_a_file_that_is_set_aside_while_it_is_sent_goes_on_where_it_was(store: Artifacts) -> None:
    body = b"".join(number.to_bytes(4, "big") for number in range(2_000_000))
    stored = store.put_bytes(body, "text/plain")

    chunks = store.stream(stored.key, 8)  # in parts, each asked for by itself
    sent = [next(chunks)]
    assert move(store, stored.key, trash_key(stored.sha256))
    sent += chunks

    assert len(sent) > 2
    assert b"".join(sent) == body[8:]
