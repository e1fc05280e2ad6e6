"""The `presstime` command: its list of subcommands, and what an error looks like on a terminal."""

import importlib.util
import os
import sys

import typer

from cli.actions import rendering, running
from cli.commands import backfills, maintenance, reports, runs, schedules, services
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
running.register(app)
reports.register(app)
runs.register(app)
schedules.register(app)
backfills.register(app)
rendering.register(app)
maintenance.register(app)
services.register(app)


class ShadowedPackage(PresstimeError):
    def __init__(self, name: str, place: str) -> None:
        super().__init__(
            f"the package {name!r} comes from {place}, not from {PROJECT}; "
            "start the command elsewhere, or look at PYTHONPATH"
        )


def check_packages() -> None:
    """Our folders have plain names; one of the user's must not be taken for one of ours."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        place = spec.origin if spec is not None and spec.origin else "nowhere"
        if not place.startswith(f"{PROJECT}{os.sep}"):
            raise ShadowedPackage(name, place)


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
