"""The API's routes and the command line build and send no queries: those live on the floors below."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOORS = sorted([*(ROOT / "api" / "routes").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])
ALLOWED = {"sqlalchemy.orm": {"Session", "sessionmaker"}, "sqlalchemy.exc": {"DBAPIError"}}
SENDING = {"execute", "query", "scalar", "scalars"}  # methods of a session


def queries(source: str) -> set[str]:
    """What a module imports from SQLAlchemy, but for the types of what it hands on; and what it sends itself."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
            module = node.module or ""
            names |= {
                f"{module}.{alias.name}" for alias in node.names if alias.name not in ALLOWED.get(module, ())
            }
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.partition(".")[0] == "sqlalchemy"}
        elif isinstance(node, ast.Attribute) and node.attr in SENDING:
            names.add(ast.unparse(node))
    return names


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_door_builds_no_query(path: Path) -> None:
    assert queries(path.read_text()) == set()


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy import select",
        "from sqlalchemy.sql import func",
        "from sqlalchemy.orm import Session, undefer",
        "import sqlalchemy as sa",
        "session.query(Run)",
        "return services.session.scalars(newest)",
    ],
)
def test_what_builds_queries_is_found(line: str) -> None:
    assert queries(f"def action():\n    {line}") != set()
