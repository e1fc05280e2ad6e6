"""The terminal that commands print to. Loads nothing else, for those that need no database."""

import json
import re
import sys

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
    return CONTROL.sub(lambda sign: "↵" if sign[0] == "\n" else f"\\x{ord(sign[0]):02x}", text)


def print_json(document: object) -> None:
    """Write one JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def print_line(text: str) -> None:
    """Write a line to stdout, as it is."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Write a line to stderr, beside what a command prints."""
    sys.stderr.write(f"{text}\n")
