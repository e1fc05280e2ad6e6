"""Commands about pipelines: which there are, their stages, and what is wrong with those that do not load."""

from typing import Annotated

import typer

from cli.options import Json
from presstime.settings import load_settings


def pipelines(json: Json = False) -> None:
    """List the pipelines that there are."""
    from cli.actions.pipelines import list_pipelines

    list_pipelines(load_settings(), json=json)


def canvas(
    pipeline: Annotated[str | None, typer.Argument(metavar="NAME", help="A pipeline.")] = None,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Instead: what was published for a run.")
    ] = None,
) -> None:
    """Print the stages of a pipeline, or those that were published for a run."""
    from cli.actions.pipelines import show_planned, show_published

    if run is not None:
        show_published(load_settings(), run)
    elif pipeline is not None:
        show_planned(load_settings(), pipeline)
    else:
        raise typer.BadParameter("name a pipeline, or a run with --run")


def check() -> None:
    """Load every pipeline and say what is wrong with each."""
    from cli.actions.pipelines import check_pipelines

    raise typer.Exit(0 if check_pipelines(load_settings()) else 1)
