"""The `presstime` command: its list of subcommands, and what an error looks like on a terminal."""

import sys

import typer

from cli import look, run, serve
from presstime.errors import PresstimeError

REFUSED = 2  # exit code: nothing was started, nothing changed
INTERRUPTED = 130

app = typer.Typer(
    name="presstime",
    help="Presstime puts the right spreadsheet on the right desk at the right time, and can prove it did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
run.register(app)
look.register(app)
serve.register(app)


def main() -> None:
    """Run a command. What a person can mend is one line; anything else is a bug and shows its traceback."""
    try:
        app()
    except PresstimeError as error:
        sys.stderr.write(f"presstime: {' '.join(str(error).split())}\n")
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
