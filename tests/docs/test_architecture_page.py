"""The map of the house: every file that it names exists, and every name stands in the file beside it."""

import ast
import re

from presstime.settings import PROJECT

PAGE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| [^|]+ \| (?P<where>`[^|]+) \|", re.MULTILINE)
FILE = re.compile(r"`([a-z_/]+\.py)`((?:,? `\w+`)*)")


def defined_in(path: str) -> set[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def test_every_file_on_the_page_exists() -> None:
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.py)`", PAGE))

    assert len(named) > 20
    assert sorted(path for path in named if not (PROJECT / path).exists()) == []


def test_each_stage_of_a_map_names_what_stands_in_its_file() -> None:
    stages = [
        (path, name)
        for row in ROW.finditer(PAGE)
        for path, names in FILE.findall(row["where"])
        for name in re.findall(r"\w+", names)
    ]

    assert len(stages) > 25
    assert [(path, name) for path, name in stages if name not in defined_in(path)] == []


def test_every_room_is_on_the_page() -> None:
    """A folder of a floor that has a table of rooms stands in it."""
    for floor in ("pipelines", "reports"):
        rooms = {folder.name for folder in (PROJECT / floor).iterdir() if (folder / "__init__.py").exists()}
        assert {room for room in rooms if f"`{room}/`" not in PAGE} == set(), floor
