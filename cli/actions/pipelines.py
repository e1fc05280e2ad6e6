"""Loads pipelines to list them, to show their stages, and to say what is wrong with them.

Each action loads what it prints with: `check` has no use for tables of a terminal, nor for those of a database.
"""

import typer

from pipelines.loading.registry import Registry
from presstime.settings import Settings


def list_pipelines(settings: Settings, *, json: bool) -> None:
    """Print the pipelines that load."""
    from cli.printing.pipelines import print_pipelines

    print_pipelines(_registry(settings), json=json)


def show_planned(settings: Settings, name: str) -> None:
    """Print the stages that a run of a pipeline goes through."""
    from cli.printing.canvases import print_planned

    print_planned(_registry(settings).get(name).graph)


def show_published(settings: Settings, text: str) -> None:
    """Print the stages that were published for a run."""
    from cli.actions.finding import find_run
    from cli.actions.runtimes import open_reader
    from cli.printing.canvases import print_published
    from pipelines.runs.traces import published_stages
    from presstime.database import reading

    runtime = open_reader(settings)
    run_id = find_run(runtime, text)
    with reading(runtime.sessions) as session:
        print_published(published_stages(session, run_id))


def check_pipelines(settings: Settings) -> bool:
    """Print what is wrong with each pipeline; whether all of them load."""
    registry = _registry(settings)
    for problem in registry.problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{len(registry.pipelines)} pipelines load; problems: {len(registry.problems)}.")
    return not registry.problems


def _registry(settings: Settings) -> Registry:
    return Registry.load(*settings.pipelines)
