"""Runs whose code is gone: no worker may go on with them, and somebody has to be told. Knows no worker."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from pipelines.runs.events import record
from presstime.models import Run


def note_missing_code(session: Session, run: Run) -> bool:
    """Note on the run that it waits for its code; False when that was said before. The caller locked the run."""
    said = _note(run)
    if said in run.notes:
        return False
    run.notes = [*run.notes, said]
    record(session, run.id, "run.stranded", {"code_version": run.code_version})
    return True


def notes_without(run: Run) -> Sequence[str]:
    """The notes of a run that goes on by other code."""
    return [note for note in run.notes if note != _note(run)]


def _note(run: Run) -> str:
    return (
        f"its file was changed while it was under way: what is left waits for code version {run.code_version}. "
        "Put the file back as it was, or cancel the run and retry it"
    )
