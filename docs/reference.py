"""Writes the tables of docs/settings.md and docs/commands.md from the code: `python docs/reference.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic_core import PydanticUndefined

from cli.main import app
from presstime.settings import PROJECT, Settings

FOLDER = Path(__file__).parent


def settings_table() -> str:
    """One row a setting, as the class declares it."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `PRESSTIME_{name.upper()}` | {_default(field.default)} | {field.description} |")
    return "\n".join(rows)


def _default(value: Any) -> str:
    if value in ("", None, (), PydanticUndefined):
        return ""
    if isinstance(value, Path):
        return (
            f"`{value.relative_to(PROJECT)}` in the project"
            if value.is_relative_to(PROJECT)
            else f"`{value}`"
        )
    return f"`{value}`"


def commands_table() -> str:
    """One row a command, with its arguments and options."""
    rows = ["| command | what it does |", "|---|---|"]
    for name, command in _commands(typer.main.get_command(app)):
        words = [f"`presstime {name}`"]
        for param in command.params:
            if param.param_type_name == "argument":
                words.append(f"`{param.metavar or param.name.upper()}`")
            elif "--help" not in param.opts:
                value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
                words.append(f"`{param.opts[-1]}{value}`")
        rows.append(f"| {' '.join(words)} | {(command.help or '').strip().splitlines()[0]} |")
    return "\n".join(rows)


def _commands(group: Any) -> Iterator[tuple[str, Any]]:
    """Each command with its name, those of groups such as `schedule next` among them."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {below}", found) for below, found in _commands(command))
        else:
            yield name, command


def main() -> None:
    for name, table in (("settings.md", settings_table()), ("commands.md", commands_table())):
        path = FOLDER / name
        text = path.read_text()
        head, rest = text.split("<!-- table -->\n", 1)
        _, tail = rest.split("<!-- end -->", 1)
        path.write_text(f"{head}<!-- table -->\n{table}\n<!-- end -->{tail}")


if __name__ == "__main__":
    main()
