"""The house keeps its words: a class name is used once on a floor, a docstring says what a thing does or is."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
FLOORS = ("cli", "api", "scheduler", "pipelines", "reports", "presstime")
# Docstrings from before this rule: `path:qualified.name`, or `path` alone for a module. Only shrinks.
TO_MEND = Path(__file__).with_name("docstrings_to_mend.txt")
# Words that begin an answer to a question nobody asked: prepositions, relatives, conjunctions.
BARE = re.compile(
    r"\W*(about|above|after|against|along|among|as|at|because|before|behind|below|between|but|by|during|for|from|how"
    r"|if|in|into|like|of|on|once|only|or|out|over|per|since|so|than|that|through|to|under|until|up|upon|what|whatever"
    r"|when|whence|where|wherein|whether|which|whichever|while|who|whoever|whose|why|with|within|without)(?![\w-])",
    re.IGNORECASE,
)

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules(floor: str) -> dict[str, ast.Module]:
    files = sorted((PROJECT / floor).rglob("*.py"))
    return {str(file.relative_to(PROJECT)): ast.parse(file.read_text()) for file in files}


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Documented]]:
    for node in body:
        if isinstance(node, Documented) and not isinstance(node, ast.Module) and node.name[0] != "_":
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def bare_docstrings(path: str, tree: ast.Module) -> Iterator[str]:
    for name, node in (("", tree), *public(tree.body)):
        if BARE.match(ast.get_docstring(node) or ""):
            yield f"{path}:{name}" if name else path


def begins_bare() -> set[str]:
    return {
        found
        for floor in FLOORS
        for path, tree in modules(floor).items()
        for found in bare_docstrings(path, tree)
    }


@pytest.mark.parametrize("floor", FLOORS)
def test_a_class_name_is_used_once_on_a_floor(floor: str) -> None:
    names = Counter(
        node.name
        for tree in modules(floor).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )

    assert [name for name, times in names.items() if times > 1] == []


def test_a_docstring_begins_with_what_the_thing_does_or_is() -> None:
    new = begins_bare() - set(TO_MEND.read_text().split())

    assert not new, "begin with what it does ('Return ...') or is ('A stage of ...'), not with a preposition"


def test_a_docstring_that_was_mended_leaves_the_list() -> None:
    listed = TO_MEND.read_text().split()
    mended = set(listed) - begins_bare()

    assert not mended, f"take these out of {TO_MEND.name}"
    assert listed == sorted(set(listed))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Which rows count."""', ["m.py"]),
        ('class A:\n    def b(self):\n        """`In` order."""', ["m.py:A.b"]),
        ('async def f():\n    """With care."""', ["m.py:f"]),
        ('def f():\n    """Return the rows that count."""', []),
        ('def f():\n    """In-memory twin of the store."""', []),
        ('def _f():\n    """Of no interest."""', []),
        ('class _A:\n    def b(self):\n        """In order."""', []),
    ],
)
def test_the_check_of_docstrings_sees_modules_classes_and_functions(source: str, found: list[str]) -> None:
    assert list(bare_docstrings("m.py", ast.parse(source))) == found
