"""`presstime run`: one run of a pipeline, followed to its end, with its reports in a folder."""

import json as jsonlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from presstime.settings import Settings, load_settings

FAILED = 1  # exit code: the run came to an end, and it was not success


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline.")],
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter; repeatable.")
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(help="2013, 2013-01, 2013-W05, 2013-01-05 or start/end; else the last whole one."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out"),
    json: Annotated[bool, typer.Option("--json", help="Exactly one JSON object on stdout.")] = False,
) -> None:
    """Run a pipeline now and wait for its report. Starts what is needed when nothing runs yet."""
    from cli.schedule_options import read_pairs

    settings = load_settings()
    ended, reports = _run(settings, name, read_pairs(param or []), interval, out)
    if json:
        sys.stdout.write(jsonlib.dumps(_document(ended, reports), ensure_ascii=False) + "\n")
    else:
        for report in reports:
            sys.stdout.write(f"{report.path}\n")
    if ended.error:
        sys.stderr.write(f"presstime: run {ended.id} {ended.state}: {ended.error}\n")
    if ended.state != "succeeded":
        raise typer.Exit(FAILED)


def _run(settings: Settings, name: str, params: dict[str, str], interval: str | None, out: Path) -> Any:
    from cli.attach import services
    from cli.follow import follow
    from cli.reports import check_folder, save_reports
    from pipelines.runs.request import Origin, request_run
    from pipelines.runs.submit import submit
    from pipelines.schedules.sync import ensure_pipeline
    from presstime.clock import utc_now
    from presstime.models import Trigger
    from scheduler.celery_app import app
    from scheduler.outbox import Publisher

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
            ensure_pipeline(session, loaded, utc_now())
            submitted = submit(session, request, runtime.items)
        held.wait_for_broker()
        Publisher(app, runtime).publish_enqueued(session)
        ended = follow(runtime, submitted.id, check=held.check, hint=held.hint)
        return ended, save_reports(runtime, ended.id, out)


def _document(ended: Any, reports: Sequence[Any]) -> dict[str, Any]:
    document = {
        "run_id": str(ended.id),
        "pipeline": ended.pipeline,
        "state": str(ended.state),
        "duration_s": round((ended.finished_at - ended.created_at).total_seconds(), 3),
        "reports": [
            {"name": report.name, "path": str(report.path), "bytes": report.bytes, "sha256": report.sha256}
            for report in reports
        ],
    }
    return {**document, "error": ended.error} if ended.error else document
