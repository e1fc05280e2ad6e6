"""Commands that look: pipelines, runs, one run, its canvases, its reports, what fails to load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presstime.settings import load_settings

if TYPE_CHECKING:
    from uuid import UUID

    from pipelines.loading.registry import Registry
    from scheduler.runtime import Runtime

NONE = 1  # exit code: nothing was found

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its first characters.")]


def register(app: typer.Typer) -> None:
    for command in (pipelines, runs, show, download, preview, whence, canvas, check):
        app.command()(command)


def pipelines(json: Json = False) -> None:
    """List the pipelines that there are."""
    from cli.tables import print_pipelines

    print_pipelines(_registry(), json=json)


def runs(
    pipeline: Annotated[str | None, typer.Option(help="Only of this pipeline.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
) -> None:
    """List runs, the newest first."""
    from cli.tables import print_runs

    print_runs(_runtime(), pipeline, limit, json=json)


def show(run: RunId, json: Json = False) -> None:
    """Show one run: its steps, its reports, and why it failed."""
    from cli.tables import print_run

    runtime = _runtime()
    print_run(runtime, _find(runtime, run), json=json)


def download(
    run: RunId,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out"),
) -> None:
    """Copy the reports of a run into a folder."""
    from cli.reports import save_reports

    runtime = _runtime()
    for report in save_reports(runtime, _find(runtime, run), out):
        typer.echo(report.path)


def preview(
    what: Annotated[
        str, typer.Argument(metavar="REPORT", help="Its id, its run's id, or a file; ids may be cut short.")
    ],
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Else the first one.")] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 50,
    json: Json = False,
) -> None:
    """Show the first rows of a report, or of a file on disk, without opening it."""
    from cli.previews import preview_file, preview_report

    path = Path(what)
    if path.is_file():
        preview_file(path, sheet, rows, json=json)
    else:
        preview_report(_runtime(), what, sheet, rows, json=json)


def whence(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file on disk, or the sha256 of one.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Runs, the newest first.")] = 20,
    json: Json = False,
) -> None:
    """Say which runs made a file, or fetched it. Exits with 1 when none here did."""
    from cli.whence import print_whence

    if not print_whence(load_settings(), file, limit, json=json):
        raise typer.Exit(NONE)


def canvas(
    pipeline: Annotated[str | None, typer.Argument(metavar="NAME", help="A pipeline.")] = None,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Instead: what was published for a run.")
    ] = None,
) -> None:
    """Print the stages of a pipeline, or those that were published for a run."""
    from cli.stages import print_planned, print_published

    if run is not None:
        runtime = _runtime()
        print_published(runtime, _find(runtime, run))
    elif pipeline is not None:
        print_planned(_registry().get(pipeline).graph)
    else:
        raise typer.BadParameter("name a pipeline, or a run with --run")


def check() -> None:
    """Load every pipeline and say what is wrong with each."""
    registry = _registry()
    for problem in registry.problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{len(registry.pipelines)} pipelines load; problems: {len(registry.problems)}.")
    raise typer.Exit(1 if registry.problems else 0)


def _registry() -> Registry:
    from pipelines.loading.registry import Registry

    return Registry.load(*load_settings().pipelines)


def _runtime() -> Runtime:
    from cli.services import ensure_database
    from scheduler.runtime import Runtime

    settings = load_settings()
    ensure_database(settings)
    return Runtime.open(settings)


def _find(runtime: Runtime, text: str) -> UUID:
    from cli.reports import find_run

    return find_run(runtime, text)
