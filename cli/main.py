"""The `presstime` command: its list of subcommands, and what an error looks like on a terminal."""

import importlib.util
import os
import sys

import typer

from cli.commands import backfills, maintenance, pipelines, reports, runs, schedules, services
from presstime.errors import PresstimeError
from presstime.settings import PROJECT

REFUSED = 2  # exit code: nothing was started, nothing changed
INTERRUPTED = 130
PACKAGES = ("api", "cli", "pipelines", "presstime", "reports", "scheduler")

app = typer.Typer(
    name="presstime",
    help="Presstime puts the right spreadsheet on the right desk at the right time, and can prove it did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (  # in the order of the help
    runs.run,
    pipelines.pipelines,
    runs.runs,
    runs.show,
    reports.download,
    reports.preview,
    reports.whence,
    pipelines.canvas,
    pipelines.check,
    runs.cancel,
    runs.retry,
    runs.rerun,
    runs.log,
    schedules.why,
    schedules.late,
    backfills.backfill,
    reports.render,
    maintenance.prune,
    services.up,
    services.worker,
    services.beat,
    services.keeper,
    services.api,
    maintenance.migrate,
):
    app.command()(command)
app.add_typer(schedules.schedule)
app.add_typer(backfills.backfills)


class ShadowedPackage(PresstimeError):
    """A folder of the user's stands in for one of ours."""

    def __init__(self, name: str, origin: str) -> None:
        super().__init__(
            f"the package {name!r} comes from {origin}, not from {PROJECT}; "
            "start the command elsewhere, or look at PYTHONPATH"
        )


def check_packages() -> None:
    """Our folders have plain names; one of the user's must not be taken for one of ours."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = spec.origin if spec is not None and spec.origin else "nowhere"
        if not origin.startswith(f"{PROJECT}{os.sep}"):
            raise ShadowedPackage(name, origin)


def main() -> None:
    """Run a command. What a person can mend is one line; anything else is a bug and shows its traceback."""
    try:
        check_packages()
        app()
    except PresstimeError as error:
        sys.stderr.write(f"presstime: {' '.join(str(error).split())}\n")
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
