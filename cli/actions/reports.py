"""Copies the reports of runs out of the artifact store."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cli.actions.finding import find_run, reports_by_file
from cli.actions.runtimes import open_reader
from cli.printing.console import print_line
from presstime.artifacts import file_key
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.models import Report
from presstime.settings import Settings
from scheduler.runtime import Runtime


class OutputUnusable(PresstimeError):
    """Reports cannot be written into a folder."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(f"cannot write into {folder}: {error.strerror}. Name another folder with --out.")


@dataclass(frozen=True)
class Saved:
    """A report as a file of its reader's."""

    name: str
    path: Path
    bytes: int
    sha256: str


def download_reports(settings: Settings, text: str, folder: Path) -> None:
    """Copy the reports of a run into `folder`, and print where each is."""
    runtime = open_reader(settings)
    for report in save_reports(runtime, find_run(runtime, text), folder):
        print_line(str(report.path))


def check_folder(folder: Path) -> None:
    """Fail before a run is made, rather than when its report is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputUnusable(folder, error) from error


def save_reports(runtime: Runtime, run_id: UUID, folder: Path) -> list[Saved]:
    """Copy every report of the run to `folder`; each file appears whole or not at all."""
    with reading(runtime.sessions) as session:
        return [_save(runtime, report, folder) for report in reports_by_file(session, run_id)]


def _save(runtime: Runtime, report: Report, folder: Path) -> Saved:
    path = folder.absolute() / report.filename
    draft = path.with_name(f".{report.id.hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with runtime.artifacts.local(file_key(report.sha256)) as source:
            shutil.copyfile(source, draft)
        os.replace(draft, path)  # noqa: PTH105 # one word for what it does
    except OSError as error:
        raise OutputUnusable(folder, error) from error
    return Saved(report.name, path, report.bytes, report.sha256)
