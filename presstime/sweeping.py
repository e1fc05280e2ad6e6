"""Lists, moves and removes objects of the artifact store: what only pruning does. Knows no database."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from presstime.artifacts import DRAFT, Artifacts, ArtifactsUnavailable

PAGE = 1000  # keys that S3 deletes in one request
STAGED = re.compile(r"#\d+$")  # how obstore names a file of a folder that it is still writing


@dataclass(frozen=True)
class StoredObject:
    """An object of the store. `modified` is by the store's clock."""

    key: str
    bytes: int
    modified: datetime


@dataclass(frozen=True)
class Size:
    objects: int = 0
    bytes: int = 0


def children(artifacts: Artifacts, prefix: str) -> list[str]:
    """The names one level below `prefix`, in order."""
    with _named(artifacts):
        listed = obstore.list_with_delimiter(artifacts.objects, f"{prefix}/")
    return sorted(path.rpartition("/")[2] for path in listed["common_prefixes"])


def objects_below(artifacts: Artifacts, prefix: str) -> Iterator[list[StoredObject]]:
    """List what is below `prefix`, a page at a time; in a folder also drafts."""
    with _named(artifacts):
        for page in obstore.list(artifacts.objects, f"{prefix}/", chunk_size=PAGE):
            yield [StoredObject(entry["path"], entry["size"], entry["last_modified"]) for entry in page]


def size_below(artifacts: Artifacts, prefix: str) -> Size:
    """Return how much is below `prefix`."""
    sizes = [file.bytes for page in objects_below(artifacts, prefix) for file in page]
    return Size(len(sizes), sum(sizes))


def delete_below(artifacts: Artifacts, prefix: str) -> Size:
    """Remove what is below `prefix`; again after an interruption, if need be. Returns how much it was."""
    count = size = 0
    # Listed whole before anything goes: a page of a listing that shrinks would skip what moved up.
    for page in list(objects_below(artifacts, prefix)):
        _delete(artifacts, [file.key for file in page])
        count, size = count + len(page), size + sum(file.bytes for file in page)
    if artifacts.folder is not None:  # its empty folders, and files that were never finished
        shutil.rmtree(artifacts.folder / prefix, ignore_errors=True)
    return Size(count, size)


def move(artifacts: Artifacts, source: str, target: str) -> bool:
    """Give an object another key, in place of what is there; False when there is none. Atomic in a folder."""
    try:
        with _named(artifacts):
            obstore.rename(artifacts.objects, source, target)
    except FileNotFoundError:
        return False
    return True


def stale_drafts(artifacts: Artifacts, prefix: str, before: datetime) -> Iterator[tuple[Path, int]]:
    """Files below `prefix` whose writer was killed before it was done, with their bytes.

    An S3 store has none; what it keeps of an upload that broke off is for the bucket's own rules to end.
    """
    if artifacts.folder is None:
        return
    for path in (artifacts.folder / prefix).rglob("*"):
        if not path.name.startswith(DRAFT) and not STAGED.search(path.name):
            continue
        try:
            status = path.stat()
        except FileNotFoundError:  # it was done just now
            continue
        if datetime.fromtimestamp(status.st_mtime, UTC) < before:
            yield path, status.st_size


def _delete(artifacts: Artifacts, keys: list[str]) -> None:
    try:
        with _named(artifacts):
            obstore.delete(artifacts.objects, keys)
    except FileNotFoundError:  # a folder minds when somebody else was quicker; then one by one
        for key in keys:
            artifacts.delete(key)


@contextmanager
def _named(artifacts: Artifacts) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise ArtifactsUnavailable(artifacts.url, error) from error
