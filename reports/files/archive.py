"""A zip archive with a file for each table, and one that says where they came from."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from reports.about import About
from reports.excel.archive import SteadyZip
from reports.files.about_json import about_members, json_text
from reports.preflight import Finding
from reports.sheet_names import ABOUT
from reports.workbook import Workbook


class Out(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Hashed:
    """Hands bytes on, and remembers their sha256."""

    def __init__(self, target: Out) -> None:
        self.digest = sha256()
        self._target = target

    def write(self, data: bytes, /) -> int:
        self.digest.update(data)
        return self._target.write(data)


def write_archive(
    path: Path,
    members: Sequence[tuple[str, Callable[[Out], object]]],
    *,
    workbook: Workbook,
    about: About | None,
    created: datetime,
    findings: Callable[[], Sequence[Finding]],
) -> str:
    """Each member's name and what writes it; then About.json, which tells what was found on the way.

    Returns the sha256 of names and bytes without About.json.
    """
    content = sha256()
    with SteadyZip(path) as archive:
        for name, write in members:
            with archive.entry(name, huge=True) as entry:  # how long it will be is not known
                hashed = Hashed(entry)
                write(hashed)
            content.update(f"{name}\x1c{hashed.digest.hexdigest()}\x1c".encode())
        told = {"title": workbook.title, **about_members(about, created, findings())}
        archive.writestr(f"{ABOUT}.json", json_text(told, indent=2) + "\n")
    return content.hexdigest()
