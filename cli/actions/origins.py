"""Finds the runs that made a file, or fetched it."""

import re
from pathlib import Path

from cli.actions.runtimes import open_reader
from cli.printing.console import note
from cli.printing.origins import print_origins
from pipelines.runs.file_origins import UnknownFile, origins
from presstime.artifacts import sha256_of
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.settings import Settings

SHA256 = re.compile("[0-9a-f]{64}")


class NoFile(PresstimeError):
    """A text was typed that names no file, and is no sha256."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text}: {reason}; name a file, or the 64 digits of a sha256")


def show_origins(settings: Settings, text: str, limit: int, *, json: bool) -> bool:
    """Print the runs that the file came from; False when there are none."""
    sha256 = _sha256(text)
    with reading(open_reader(settings).sessions) as session:
        try:
            rows, unknown = origins(session, sha256, before=None, limit=limit + 1), None
        except UnknownFile as error:
            rows, unknown = [], error
    print_origins(sha256, rows, limit, json=json)
    if unknown is not None:
        note(f"presstime: {unknown}")
    return unknown is None


def _sha256(text: str) -> str:
    """Of the file of that name; else the text itself."""
    path = Path(text)
    try:
        if path.exists():
            return sha256_of(path)
    except OSError as error:
        raise NoFile(text, error.strerror or "it cannot be read") from error
    sha256 = text.strip().lower()
    if not SHA256.fullmatch(sha256):
        raise NoFile(text, "there is no such file")
    return sha256
