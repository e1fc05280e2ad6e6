"""The JSON of a schedule: what the API gives, by its own shape, and the names that commands gave before it."""

from datetime import datetime
from typing import Any

from api.schemas.schedules import ScheduleDetail
from pipelines.schedules.stored import name_of
from presstime.models import Schedule


def schedule_document(row: Schedule, now: datetime) -> dict[str, Any]:
    """Return the fields of a schedule; `schedule` is its whole name, `next` its `next_run`."""
    document = ScheduleDetail.of(row, now).model_dump(mode="json")
    return {"schedule": name_of(row), **document, "next": document["next_run"]}
