"""Finds runs by what a person types, and copies their reports out of the artifact store."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from pipelines.runs.events import UnknownRun
from presstime.artifacts import file_key
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.models import Report, Run
from scheduler.runtime import Runtime

ID_DIGITS = 32  # hexadecimal digits of a UUID
NAMED = 10  # reports of a run that an error names


class AmbiguousRun(PresstimeError):
    def __init__(self, what: str, text: str) -> None:
        super().__init__(f"several {what} start with {text!r}; give more of the id")


class NoReport(PresstimeError):
    def __init__(self, text: str) -> None:
        super().__init__(f"no file, run or report {text}; `presstime runs` lists runs")


class SeveralReports(PresstimeError):
    def __init__(self, run_id: UUID, reports: Sequence[Report]) -> None:
        named = ", ".join(f"{one.id} ({one.filename})" for one in reports[:NAMED])
        more = f" and {len(reports) - NAMED} more" if len(reports) > NAMED else ""
        super().__init__(f"run {run_id} has {len(reports)} reports: {named}{more}; name one by its id")


class OutputUnusable(PresstimeError):
    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(f"cannot write into {folder}: {error.strerror}. Name another folder with --out.")


@dataclass(frozen=True)
class Saved:
    """A report as a file of its reader's."""

    name: str
    path: Path
    bytes: int
    sha256: str


def find_run(runtime: Runtime, text: str) -> UUID:
    """The one run whose id starts with `text`."""
    ids = ids_like(runtime, Run.id, text)
    if not ids:
        raise UnknownRun(text)
    if len(ids) > 1:
        raise AmbiguousRun("runs", text)
    return ids[0]


def find_report(runtime: Runtime, text: str) -> Report:
    """The report whose id starts with `text`, or the only one of the run whose id does."""
    runs, reports = ids_like(runtime, Run.id, text), ids_like(runtime, Report.id, text)
    with reading(runtime.sessions) as session:
        found = [session.get_one(Report, one) for one in reports]
        if len(runs) > 1 or len({*runs, *(one.run_id for one in found)}) > 1:
            raise AmbiguousRun("runs or reports", text)
        if runs:
            found = reports_of(session, runs[0])
    if not found:
        raise NoReport(text)
    if len(found) > 1:
        raise SeveralReports(found[0].run_id, found)
    return found[0]


def ids_like(runtime: Runtime, column: InstrumentedAttribute[UUID], text: str) -> Sequence[UUID]:
    """Those that start with `text`, two at the most."""
    digits = text.replace("-", "").lower()
    try:
        first, last = UUID(digits.ljust(ID_DIGITS, "0")), UUID(digits.ljust(ID_DIGITS, "f"))
    except ValueError:
        return ()
    if not digits:
        return ()
    with reading(runtime.sessions) as session:
        return session.scalars(select(column).where(column.between(first, last)).limit(2)).all()


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
        return [_save(runtime, report, folder) for report in reports_of(session, run_id)]


def reports_of(session: Session, run_id: UUID) -> list[Report]:
    return list(session.scalars(select(Report).where(Report.run_id == run_id).order_by(Report.filename)))


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
