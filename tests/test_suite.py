"""The suite itself: what tests share stands in `tests/support/`, and no test is imported from."""

import ast
from collections.abc import Iterator

import pytest

from presstime.settings import PROJECT

FILES = sorted([*(PROJECT / "tests").rglob("*.py"), *(PROJECT / "bench").glob("*.py")])
SHARED = ("tests.support", "tests.fixtures", "tests.mutants")  # helpers; an installation of old; a tool


def imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def borrowed(source: str) -> list[str]:
    """What is imported from a test module or a conftest."""
    names = set(imported_by(source))
    return sorted(name for name in names if name.startswith("tests.") and not name.startswith(SHARED))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from tests.api.conftest import TOKEN", ["tests.api.conftest.TOKEN"]),
        ("def f():\n    from tests.api import test_auth as auth", ["tests.api.test_auth"]),
        ("import tests.api.test_auth", ["tests.api.test_auth"]),
        ("from tests.support.waiting import until\nimport tests.support.waiting", []),
    ],
)
def test_what_is_borrowed_is_seen(source: str, found: list[str]) -> None:
    assert borrowed(source) == found


def test_tests_and_benches_borrow_from_no_test() -> None:
    assert len(FILES) > 200
    found = {str(path.relative_to(PROJECT)): borrowed(path.read_text(encoding="utf-8")) for path in FILES}

    assert {path: names for path, names in found.items() if names} == {}


def test_helpers_stand_in_one_place() -> None:
    """Beside the tests of a floor a helper would be written again by those who test another floor."""
    shared = [PROJECT.joinpath(*package.split(".")) for package in SHARED]
    names = {path.name for path in FILES if path.is_relative_to(PROJECT / "tests")}
    assert {"conftest.py", "__init__.py"} <= names

    strays = [
        str(path.relative_to(PROJECT))
        for path in FILES
        if path.is_relative_to(PROJECT / "tests")
        and not any(path.is_relative_to(folder) for folder in shared)
        and not path.name.startswith(("test_", "conftest.py", "__init__.py"))
    ]

    assert strays == ["tests/pipelines/typing_cases.py"], "which is read by mypy alone"
