"""A class name means one thing on this floor."""

import ast
from collections import defaultdict
from pathlib import Path

import reports

ROOT = Path(reports.__file__).parent


def test_a_class_name_is_used_once() -> None:
    places = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
