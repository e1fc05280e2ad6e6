"""Where commands print. Loads nothing else, for those that need no database."""

from rich.console import Console


def console_of(*, stderr: bool = False) -> Console:
    """A terminal, or a pipe as wide as what is written into it."""
    console = Console(stderr=stderr)
    if not console.is_terminal:
        console.width = 10_000  # never wrap what another program reads
    return console
