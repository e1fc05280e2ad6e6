"""Commands about runs: start one, look at it, and cancel, retry or rerun it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json, Limit, OfPipeline, RunId
from presstime.settings import load_settings

Step = Annotated[
    str | None, typer.Option("--step", metavar="STEP", help="Of all that failed, try this step alone.")
]
Item = Annotated[
    str | None,
    typer.Option("--item", metavar="ITEM", help="Of a step with many tasks, the one of this item."),
]


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
    from cli.actions.running import run_pipeline

    run_pipeline(load_settings(), name, param or (), interval, out, json=json)


def runs(pipeline: OfPipeline = None, limit: Limit = 20, json: Json = False) -> None:
    """List runs, the newest first."""
    from cli.actions.runs import list_runs

    list_runs(load_settings(), pipeline, limit, json=json)


def show(run: RunId, json: Json = False) -> None:
    """Show one run: its steps, its reports, and why it failed."""
    from cli.actions.runs import show_run

    show_run(load_settings(), run, json=json)


def cancel(run: RunId, json: Json = False) -> None:
    """Cancel a run that is not over yet. Steps at work are stopped within seconds."""
    from cli.actions.runs import cancel_run

    cancel_run(load_settings(), run, json=json)


def retry(run: RunId, step: Step = None, item: Item = None, json: Json = False) -> None:
    """Go on with a failed or cancelled run from where it failed, by the code as it is now."""
    from cli.actions.runs import retry_run

    retry_run(load_settings(), run, step, item, json=json)


def rerun(run: RunId, json: Json = False) -> None:
    """Start a new run with the parameters and the interval of another, by the code as it is now."""
    from cli.actions.runs import rerun_run

    rerun_run(load_settings(), run, json=json)


def log(
    run: RunId,
    step: Annotated[
        str | None, typer.Argument(metavar="STEP", help="Else every step that logged something or failed.")
    ] = None,
    item: Item = None,
    json: Json = False,
) -> None:
    """Show what the steps of a run logged, and each attempt that failed, with its traceback."""
    from cli.actions.runs import show_log

    show_log(load_settings(), run, step, item, json=json)
