"""Commands that change a run, and the one that shows why somebody would: cancel, retry, rerun, log."""

from __future__ import annotations

import json as jsonlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.reports import Json, RunId
from presstime.settings import load_settings

if TYPE_CHECKING:
    from cli.actions.runs import Changed

Step = Annotated[
    str | None, typer.Option("--step", metavar="STEP", help="Of all that failed, try this step alone.")
]
Item = Annotated[
    str | None,
    typer.Option("--item", metavar="ITEM", help="Of a step with many tasks, the one of this item."),
]


def register(app: typer.Typer) -> None:
    for command in (cancel, retry, rerun, log):
        app.command()(command)


def cancel(run: RunId, json: Json = False) -> None:
    """Cancel a run that is not over yet. Steps at work are stopped within seconds."""
    from cli.actions.runs import cancel_run

    changed = cancel_run(load_settings(), run)
    _say(changed, f"Run {changed.run.id} of {changed.run.pipeline} is cancelled.", json=json)


def retry(run: RunId, step: Step = None, item: Item = None, json: Json = False) -> None:
    """Go on with a failed or cancelled run from where it failed, by the code as it is now."""
    from cli.actions.runs import retry_run

    changed = retry_run(load_settings(), run, step, item)
    told = f"Run {changed.run.id} of {changed.run.pipeline} goes on; this is generation {changed.run.generation}."
    _say(changed, told, json=json)


def rerun(run: RunId, json: Json = False) -> None:
    """Start a new run with the parameters and the interval of another, by the code as it is now."""
    from cli.actions.runs import rerun_run

    changed = rerun_run(load_settings(), run)
    told = f"Run {changed.run.id} of {changed.run.pipeline} is queued; it does {changed.run.rerun_of} anew."
    _say(changed, told, json=json)


def log(
    run: RunId,
    step: Annotated[
        str | None, typer.Argument(metavar="STEP", help="Else every step that logged something or failed.")
    ] = None,
    item: Item = None,
    json: Json = False,
) -> None:
    """Show what the steps of a run logged, and each attempt that failed, with its traceback."""
    from cli.actions.reports import find_run
    from cli.actions.services import ensure_database
    from cli.printing.logs import print_log
    from scheduler.runtime import Runtime

    settings = load_settings()
    ensure_database(settings)
    runtime = Runtime.open(settings)
    print_log(runtime, find_run(runtime, run), step, item, json=json)


def _say(changed: Changed, told: str, *, json: bool) -> None:
    """What was done, on stdout; what is still missing for it to go on, on stderr."""
    if json:
        told = jsonlib.dumps(changed.document, ensure_ascii=False)
    sys.stdout.write(f"{told}\n")
    if changed.waits is not None:
        sys.stderr.write(f"presstime: {changed.waits}\n")
