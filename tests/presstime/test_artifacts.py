"""The artifact store, in a folder and in a real S3 server: whole objects or none."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from presstime.artifacts import ArtifactMissing, Artifacts, ArtifactsUnavailable, file_key

BUCKET = "presstime-test"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.put(f"{endpoint}/{BUCKET}").raise_for_status()
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artifacts:
    if request.param == "folder":
        return Artifacts((tmp_path / "a folder").as_uri())
    monkeypatch.setenv("AWS_ENDPOINT", request.getfixturevalue("s3"))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return Artifacts(f"s3://{BUCKET}/{tmp_path.name}")


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


@pytest.mark.parametrize("url", ["ftp://host/folder", "nonsense", "file:///proc/presstime"])
def test_a_store_that_cannot_be_used_names_the_setting(url: str) -> None:
    with pytest.raises(ArtifactsUnavailable, match="PRESSTIME_ARTIFACTS_URL"):
        Artifacts(url)
