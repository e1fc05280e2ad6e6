"""The artifact store: whole objects or none, in a folder or in an S3-compatible store. Knows no database."""

import hashlib
import io
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from presstime.errors import PresstimeError
from presstime.ranged import RangedFile

FILES_PREFIX, TRASH_PREFIX = "files/", "trash/"
DRAFT = ".draft-"  # how the names of files begin that are still being written
CHUNK = 1024 * 1024  # bytes read or sent at a time; obstore's own buffers are 5 to 10 MiB


class ArtifactsUnavailable(PresstimeError):
    """The store cannot be opened, read or written."""

    def __init__(self, url: str, reason: object) -> None:
        self.url = url
        super().__init__(f"artifact store {url}: {reason}. Check PRESSTIME_ARTIFACTS_URL.")


class ArtifactMissing(PresstimeError):
    """An object that should be in the store is not."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"artifact {key!r} is not in the store; it was removed by hand or by another program"
        )


@dataclass(frozen=True)
class StoredFile:
    """Immutable bytes in the store, found by what they are."""

    sha256: str
    bytes: int
    media_type: str

    @property
    def key(self) -> str:
        return file_key(self.sha256)


def file_key(sha256: str) -> str:
    return f"{FILES_PREFIX}{sha256[:2]}/{sha256}"


def trash_key(sha256: str) -> str:
    """Return the key of a file that waits for its end: gone for those who store, there for those who read."""
    return f"{TRASH_PREFIX}{sha256}"


def _keys_of(key: str) -> tuple[str, ...]:
    """Where to look for what is to be read: a file that was set aside may be put back meanwhile."""
    return (key, trash_key(key.rpartition("/")[2]), key) if key.startswith(FILES_PREFIX) else (key,)


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Artifacts:
    """Objects by key below `url`: `file:///folder`, or `s3://bucket/prefix` with the usual AWS variables."""

    def __init__(self, url: str, *, options: dict[str, object] | None = None) -> None:
        self.url = url
        self._folder: Path | None = None
        parts = urlsplit(url)
        try:
            self._store: ObjectStore
            if parts.scheme == "file":
                self._folder = Path(unquote(parts.path))
                self._folder.mkdir(parents=True, exist_ok=True)
                self._store = LocalStore(self._folder)
            elif parts.scheme in {"s3", "s3a"}:
                self._store = S3Store.from_url(url, **(options or {}))  # type: ignore[arg-type] # user's options
            else:
                raise ValueError("only file:///folder and s3://bucket/prefix are known")
        except (OSError, BaseError, ValueError) as error:
            raise ArtifactsUnavailable(url, error) from error

    @property
    def folder(self) -> Path | None:
        """The folder that is the store, if it is one."""
        return self._folder

    @property
    def objects(self) -> ObjectStore:
        """The same store as `obstore` knows it."""
        return self._store

    @contextmanager
    def draft(self, key: str) -> Iterator[Path]:
        """A local path to write; published at `key` on a clean exit, gone without trace on an error."""
        if self._folder is not None:
            with _replacing(self._folder / key) as path:
                yield path
            return
        with tempfile.TemporaryDirectory(prefix="presstime-") as folder:
            path = Path(folder) / Path(key).name
            yield path
            self._publish(path, key)

    def put_file(self, path: Path, media_type: str) -> StoredFile:
        """Store bytes under their own sha256. The same bytes twice are one object."""
        stored = StoredFile(sha256_of(path), path.stat().st_size, media_type)
        if not self.exists(stored.key):
            self._publish(path, stored.key)
        return stored

    def put_bytes(self, body: bytes, media_type: str) -> StoredFile:
        stored = StoredFile(hashlib.sha256(body).hexdigest(), len(body), media_type)
        try:
            obstore.put(self._store, stored.key, body, mode="create")
        except AlreadyExistsError:
            pass
        except BaseError as error:
            raise ArtifactsUnavailable(self.url, error) from error
        return stored

    def exists(self, key: str) -> bool:
        """Return whether the object is at its own key: whoever needs a file that was set aside stores it anew."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise ArtifactsUnavailable(self.url, error) from error
        return True

    def readable(self, key: str) -> bool:
        return any(self.exists(candidate) for candidate in _keys_of(key))

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A path to read the object from: the file itself in a folder store, a temporary copy otherwise."""
        if self._folder is not None:
            paths = (self._folder / candidate for candidate in _keys_of(key))
            present = next((path for path in paths if path.exists()), None)
            if present is None:
                raise ArtifactMissing(key)
            yield present
            return
        with tempfile.TemporaryDirectory(prefix="presstime-") as folder:
            path = Path(folder) / Path(key).name
            with path.open("wb") as copy:
                for chunk in self.stream(key):
                    copy.write(chunk)
            yield path

    def open(self, key: str) -> BinaryIO:
        """The object as a file that can be searched; of one in an S3 store only what is read is fetched."""
        for candidate in _keys_of(key):
            try:
                if self._folder is not None:
                    return (self._folder / candidate).open("rb")
                size = obstore.head(self._store, candidate)["size"]
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise ArtifactsUnavailable(self.url, error) from error
            return io.BufferedReader(RangedFile(size, lambda start, end: self._range(key, start, end)))
        raise ArtifactMissing(key)

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The object's bytes from `start` up to, not including, `end`."""
        for candidate in _keys_of(key):
            try:
                for chunk in self._stream(candidate, start, end):
                    yield chunk
                    start += len(chunk)
            except FileNotFoundError:
                continue
            except BaseError as error:
                raise ArtifactsUnavailable(self.url, error) from error
            return
        raise ArtifactMissing(key)

    def read(self, key: str) -> bytes:
        return b"".join(self.stream(key))

    def delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise ArtifactsUnavailable(self.url, error) from error

    def _range(self, key: str, start: int, end: int) -> bytes:
        return b"".join(self.stream(key, start, end))

    def _stream(self, key: str, start: int, end: int | None) -> Iterator[bytes]:
        if start == 0 and end is None:
            for chunk in obstore.get(self._store, key).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)
            return
        stop = obstore.head(self._store, key)["size"] if end is None else end
        for offset in range(start, stop, CHUNK):
            yield bytes(obstore.get_range(self._store, key, start=offset, end=min(offset + CHUNK, stop)))

    def _publish(self, path: Path, key: str) -> None:
        if self._folder is not None:
            with _replacing(self._folder / key) as copy:
                shutil.copyfile(path, copy)
            return
        try:
            with obstore.open_writer(self._store, key) as writer, path.open("rb") as source:
                shutil.copyfileobj(source, writer, CHUNK)
        except BaseError as error:
            raise ArtifactsUnavailable(self.url, error) from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A new file beside `path`, which takes its name on a clean exit: nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}-{path.name}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
