"""A document on disk, and how it gets there whole or not at all. Knows no format."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.errors import BadWorkbook
from reports.preflight import Finding


class NaiveCreated(BadWorkbook):
    """The time of creation lacks a zone, so the file would differ from machine to machine."""

    def __init__(self, created: datetime) -> None:
        self.created = created
        super().__init__(f"created={created.isoformat()} has no time zone; pass an aware datetime")


@dataclass(frozen=True)
class Written:
    """A file on disk. `content_sha256` covers the sheets without About: equal means no figure changed.

    `rows` counts the rows of each sheet's tables without headers and totals, by the sheet's name in the
    workbook. `findings` are what a reader should be told. `changes` say, as JSON values, what changed since last
    time: a sentence, and counts by table; None where nothing was to be compared.
    """

    bytes: int
    sha256: str
    content_sha256: str
    rows: Mapping[str, int]
    findings: tuple[Finding, ...]
    changes: Mapping[str, Any] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The findings, a line each."""
        return tuple(str(finding) for finding in self.findings)


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A path beside `path` that replaces it on a clean exit, and is gone otherwise."""
    draft = path.with_name(f".{secrets.token_hex(4)}.draft")
    try:
        yield draft
        os.replace(draft, path)  # noqa: PTH105 # says what it does
    finally:
        draft.unlink(missing_ok=True)


def check_created(created: datetime) -> None:
    if created.tzinfo is None:
        raise NaiveCreated(created)
