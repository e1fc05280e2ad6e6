"""The nodes of bare graphs: a step, one that runs over items, and a chain of steps."""

from typing import Any

from pipelines.graph import Need, Node


def step(name: str, *needs: str, **options: Any) -> Node:
    """A step that takes what others give."""
    return Node(name, "transform", needs=tuple(Need(need, "data") for need in needs), **options)


def mapped(name: str, *items: str, **options: Any) -> Node:
    """A step that runs once over each item of a literal list of strings."""
    return Node(name, "extract", mapped=True, items=tuple(f'"{item}"' for item in items), **options)


def chain(*names: str) -> list[Node]:
    """Steps of which each takes what the one before it gives."""
    return [step(name, *names[max(place - 1, 0) : place]) for place, name in enumerate(names)]
