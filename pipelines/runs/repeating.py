"""The setting in which a run is tried again: who asks, the pipeline as it is loaded now, and the time."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.fan_out import Reader
from pipelines.runs.listing import find_run
from pipelines.runs.operations import Again, retry, retry_item
from presstime.models import Run


def again_of(
    session: Session, run_id: UUID, find: Callable[[str], LoadedPipeline], actor: str, now: datetime
) -> Again:
    """Return what `retry_run` and `rerun` need; raises UnknownRun, and what `find` raises.

    `find` may import the authors' code: whoever is to hold no lock meanwhile asks before the transaction.
    """
    return Again(actor, find(find_run(session, run_id).pipeline), now)


def retry_run(session: Session, run_id: UUID, task_id: UUID | None, again: Again, read: Reader) -> Run:
    """Go on with a failed or cancelled run; with `task_id` try this task alone of all that failed."""
    if task_id is None:
        return retry(session, run_id, again, read)
    return retry_item(session, run_id, task_id, again, read)
