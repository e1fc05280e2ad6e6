"""The fenced blocks of a Markdown page, and the commands of those that show a terminal."""

import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What stands between two fences. `language` is the word behind the first."""

    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line that a reader types, without the prompt and a remark, and what is shown below it."""

    line: str
    output: str


def blocks_of(page: Path) -> list[Block]:
    return [Block(language, text) for language, text in BLOCK.findall(page.read_text())]


def commands_of(page: Path) -> list[Command]:
    shown = [block.text for block in blocks_of(page) if block.language == "console"]
    parts = [part for text in shown for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]]
    return [_command(part) for part in parts]


def _command(part: str) -> Command:
    line, _, output = part.partition("\n")
    return Command(re.split(r"\s+#", line)[0], output.rstrip("\n"))
