"""Where commands print. Loads nothing else, for those that need no database."""

import re

from rich.console import Console

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def console_of(*, stderr: bool = False) -> Console:
    """A terminal, or a pipe as wide as what is written into it."""
    console = Console(stderr=stderr)
    if not console.is_terminal:
        console.width = 10_000  # never wrap what another program reads
    return console


def printable(text: str) -> str:
    """Text of somebody else's on one line, which must not steer the reader's terminal."""
    return CONTROL.sub(lambda found: "↵" if found[0] == "\n" else f"\\x{ord(found[0]):02x}", text)
