"""The JSON of a run and of a schedule: what the API gives, and the names that commands gave before it.

The API's shapes make it, so that a field has one name and one value wherever it is read.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.schemas.runs import RunDetail, RunOut
from api.schemas.schedules import ScheduleDetail
from pipelines.schedules.stored import name_of
from presstime.models import Report, Run, Schedule


def run_document(run: Run) -> dict[str, Any]:
    """Return the fields of a run, with its parameters; `run_id` is its `id`."""
    return {
        **RunOut.of(run).model_dump(mode="json"),
        "run_id": str(run.id),
        "rerun_of": str(run.rerun_of) if run.rerun_of else None,
        "interval_label": run.interval_label,
        "params": run.params,
    }


def run_detail_document(run: Run, detail: RunDetail, reports: Sequence[Report]) -> dict[str, Any]:
    """Return the fields of a run with its steps, tasks and reports, each report with its headline."""
    document = {**run_document(run), **detail.model_dump(mode="json")}
    manifests = {str(report.id): report.manifest for report in reports}
    for report in document["reports"]:
        for name in ("headline", "changes"):
            report[name] = manifests[report["id"]].get(name)
    return document


def schedule_document(row: Schedule, now: datetime) -> dict[str, Any]:
    """Return the fields of a schedule; `schedule` is its whole name, `next` its `next_run`."""
    document = ScheduleDetail.of(row, now).model_dump(mode="json")
    return {"schedule": name_of(row), **document, "next": document["next_run"]}
