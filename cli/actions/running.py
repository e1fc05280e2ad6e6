"""Runs a pipeline once, follows it to its end, and puts its reports into a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from cli.actions.attachment import services
from cli.actions.following import follow
from cli.actions.reports import Saved, check_folder, save_reports
from cli.actions.schedule_reading import read_pairs
from cli.printing.console import note, print_json, print_line
from cli.printing.run_documents import run_document
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.presence import ensure_row
from presstime.clock import utc_now
from presstime.models import Run, RunState, Trigger
from presstime.settings import Settings
from scheduler.celery_app import app
from scheduler.outbox import Publisher

FAILED = 1  # exit code: the run came to an end, and it was not success


def run_pipeline(
    settings: Settings, name: str, param: Sequence[str], interval: str | None, out: Path, *, json: bool
) -> None:
    """Print where the reports of the run are, and exit with 1 when it did not succeed."""
    run, reports = _run(settings, name, read_pairs(param), interval, out)
    if json:
        print_json(_document(run, reports))
    else:
        for report in reports:
            print_line(str(report.path))
    if run.error:
        note(f"presstime: run {run.id} {run.state}: {run.error}")
    if run.state is not RunState.SUCCEEDED:
        raise typer.Exit(FAILED)


def _run(
    settings: Settings, name: str, params: dict[str, str], interval: str | None, out: Path
) -> tuple[Run, list[Saved]]:
    check_folder(out)
    with services(settings) as held:
        runtime = held.runtime
        loaded = runtime.registry.get(name)
        request = request_run(
            loaded,
            params=params,
            interval=interval,
            as_of=utc_now(),
            origin=Origin(Trigger.CLI, actor=held.actor),
        )
        held.start()
        with runtime.sessions() as session, session.begin():
            ensure_row(session, loaded, utc_now())
            submitted = submit(session, request, runtime.items)
        held.wait_for_broker()
        Publisher(app, runtime).publish_enqueued(session)
        ended = follow(runtime, submitted.id, check=held.check, hint=held.hint)
        return ended, save_reports(runtime, ended.id, out)


def _document(run: Run, reports: Sequence[Saved]) -> dict[str, Any]:
    seconds = (run.finished_at - run.created_at).total_seconds() if run.finished_at else 0.0
    return {
        **run_document(run),
        "duration_s": round(seconds, 3),
        "reports": [
            {"name": report.name, "path": str(report.path), "bytes": report.bytes, "sha256": report.sha256}
            for report in reports
        ],
    }
