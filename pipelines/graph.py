"""The steps of a pipeline and what each waits for, as plain data stored with each run.

Reading a graph back needs none of its author's code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from pipelines.step import FIRST_PAUSE, KILL_AFTER, LONGEST_PAUSE, Kind
from presstime.errors import PresstimeError

DEFAULT_TIMEOUT = (
    3540.0  # seconds of an attempt whose step says nothing: one that hangs must not hang for ever
)


class BadGraph(PresstimeError):
    """A stored graph cannot be read back."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"stored graph: {reason}; it was written by another version of Presstime")


@dataclass(frozen=True)
class Need:
    """One step that another waits for.

    `data`: takes its result; `over`: runs once per item of it; `gate`: a report's wait for a check;
    `after`: order alone. `optional`: it may have failed. A skipped step never holds back `gate` and `after`;
    it skips whoever needs its data, unless `optional`.
    """

    step: str
    kind: Literal["data", "over", "gate", "after"]
    optional: bool = False


@dataclass(frozen=True)
class Node:
    """One step. `items` are the canonical JSON of a literal list that it runs over, `over` the step instead.
    `previous` are steps of which it takes what they gave the last time.

    `allow_failure` is True, or of a mapped step the number of items that may fail. `resource` is what it shares
    with steps of other pipelines, `resource_limit` how many tasks may use it at a time. Further tries come after
    `backoff_s` seconds, doubled each time up to `longest_backoff_s`; `retry_overtime`: after a time limit too.
    """

    name: str
    kind: Kind
    mapped: bool = False
    over: str | None = None
    items: tuple[str, ...] | None = None
    needs: tuple[Need, ...] = ()
    previous: tuple[str, ...] = ()
    retries: int = 0
    retry_overtime: bool = True
    timeout_s: float | None = None
    kill_after_s: float = KILL_AFTER.total_seconds()
    limit: int | None = None
    resource: str | None = None
    resource_limit: int | None = None
    allow_failure: bool | int = False
    backoff_s: float = FIRST_PAUSE.total_seconds()
    longest_backoff_s: float = LONGEST_PAUSE.total_seconds()

    @property
    def soft_limit_s(self) -> float:
        """Seconds after which the step gets an exception, which it may catch to clean up."""
        return self.timeout_s or DEFAULT_TIMEOUT

    @property
    def hard_limit_s(self) -> float:
        """Seconds after which the attempt has failed, whatever it does."""
        return self.soft_limit_s + self.kill_after_s


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which they can run: by declaration, wherever their needs leave a choice."""

    nodes: tuple[Node, ...]

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    def node(self, name: str) -> Node:
        """The node of that name; a KeyError names those that there are."""
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"no step {name!r} among {', '.join(self._by_name)}") from None

    def to_json(self) -> dict[str, JsonValue]:
        data: dict[str, JsonValue] = _adapter().dump_python(self, mode="json")
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Graph":
        try:
            return _adapter().validate_python(data)
        except ValidationError as error:
            raise BadGraph(error.errors()[0]["msg"]) from error


class Cycle(PresstimeError):
    """Steps that wait for each other in a circle."""

    def __init__(self, steps: Sequence[str]) -> None:
        self.steps = tuple(steps)
        super().__init__("waits for itself: " + " -> ".join(self.steps))


def in_order(nodes: Sequence[Node]) -> Graph:
    """A graph of `nodes`, given in the order of their declaration; raises Cycle."""
    left, done = list(nodes), dict[str, Node]()
    while left:
        ready = next((node for node in left if all(need.step in done for need in node.needs)), None)
        if ready is None:
            raise Cycle(_circle({node.name: node for node in left}))
        left.remove(ready)
        done[ready.name] = ready
    return Graph(tuple(done.values()))


def _circle(stuck: Mapping[str, Node]) -> list[str]:
    """One circle among nodes each of which waits for another of them, from its first-named step on."""
    path = [next(iter(stuck))]
    while True:
        following = next(need.step for need in stuck[path[-1]].needs if need.step in stuck)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


@lru_cache(maxsize=64)
def parse_graph(text: str) -> Graph:
    """A graph from the JSON of its row; the same few come again and again in one process."""
    return Graph.from_json(json.loads(text))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Graph]:
    return TypeAdapter(Graph)
