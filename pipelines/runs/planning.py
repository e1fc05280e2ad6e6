"""Plans what is next for a run: which steps may start, which are out, and how the run ended. Pure; knows no SQL.

`next_steps` walks the graph once, in topological order, with the counts of each step's tasks at hand. A step
whose tasks have ended has its outcome from the counts alone. A step that is still undecided looks at the outcomes
of what it needs, which the walk has settled before. When one of them is broken, the step is broken off, and in the
same walk so is all that hangs on it. When all are settled and one has no result that the step insists on, the step
is left out. When all are settled and nothing is missing, the step may start.

A mapped step that may start is fanned out: its items become tasks. A plain one begins a stretch, itself and the
steps that can only come one after the other behind it. Stretches that meet in one next step, and are all that it
still waits for, are the branches of one canvas; every other stretch is a canvas of its own. When no outcome is open
any more, the run is finished, and the broken steps say how.

The same answer serves a first launch, a retry and a repair, because it looks at nothing but the graph and at
how far each step has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipelines.graph import Graph, Need, Node


class StepOutcome(StrEnum):
    """The outcome of a step, as those that need it see it."""

    OPEN = "open"
    GOOD = "good"
    ABSENT = "absent"  # no result, and that is all right: a tolerated failure, or nothing to do
    BROKEN = "broken"  # failed, or kept from running by a failure


@dataclass(frozen=True)
class Progress:
    """Tasks of one step, counted. `expanded` is False while the items of a mapped step are unknown."""

    open: int = 0
    free: int = 0  # of the open ones: in no stage, and due
    succeeded: int = 0
    failed: int = 0
    absent: int = 0  # skipped by the step's own choice
    broken: int = 0  # skipped because of a failure elsewhere
    expanded: bool = True


@dataclass(frozen=True)
class NextSteps:
    """The next things to do. `branches` hold steps that are free; each becomes one chain of a canvas."""

    fan_out: tuple[str, ...] = ()
    break_off: Mapping[str, str] = field(
        default_factory=dict
    )  # step: the one whose failure keeps it from running
    leave_out: Mapping[str, str] = field(default_factory=dict)  # step: the one that had nothing to do
    canvases: tuple[tuple[tuple[str, ...], ...], ...] = ()  # each a tuple of branches that join
    maps: tuple[str, ...] = ()  # mapped steps with free items
    finished: bool = False
    broken: tuple[str, ...] = ()  # steps that failed, when the run is finished


def outcome_of(node: Node, progress: Progress) -> StepOutcome:
    if not progress.expanded or progress.open:
        return StepOutcome.OPEN
    if progress.broken:
        return StepOutcome.BROKEN
    if node.mapped:
        if progress.failed > int(node.allow_failure):
            return StepOutcome.BROKEN
        return StepOutcome.GOOD
    if progress.failed:
        return StepOutcome.ABSENT if node.allow_failure else StepOutcome.BROKEN
    return StepOutcome.ABSENT if progress.absent else StepOutcome.GOOD


def next_steps(graph: Graph, progress: Mapping[str, Progress]) -> NextSteps:
    """Decide over all steps at once, in topological order: one failure settles all that hangs on it."""
    outcomes: dict[str, StepOutcome] = {}
    break_off: dict[str, str] = {}
    leave_out: dict[str, str] = {}
    may_go: set[str] = set()
    for node in graph.nodes:
        outcome = outcome_of(node, progress[node.name])
        if outcome is StepOutcome.OPEN and _undecided(node, progress[node.name]):
            needs = [(need, outcomes[need.step]) for need in node.needs]
            broken = [need.step for need, state in needs if state is StepOutcome.BROKEN]
            absent = [need.step for need, state in needs if state is StepOutcome.ABSENT and _insists(need)]
            if broken:
                break_off[node.name] = broken[0]
                outcome = StepOutcome.BROKEN
            elif all(state is not StepOutcome.OPEN for _, state in needs):
                if absent:
                    leave_out[node.name] = absent[0]
                    outcome = StepOutcome.ABSENT
                else:
                    may_go.add(node.name)
        outcomes[node.name] = outcome
    return NextSteps(
        fan_out=tuple(n.name for n in graph.nodes if n.name in may_go and n.mapped),
        break_off=break_off,
        leave_out=leave_out,
        canvases=_canvases(graph, progress, outcomes, may_go),
        maps=tuple(n.name for n in graph.nodes if n.mapped and progress[n.name].free),
        finished=StepOutcome.OPEN not in outcomes.values(),
        broken=tuple(name for name, outcome in outcomes.items() if outcome is StepOutcome.BROKEN),
    )


def _undecided(node: Node, progress: Progress) -> bool:
    """No task of it was started, or it is to be tried again."""
    return not progress.expanded or (not node.mapped and progress.free > 0)


def _insists(need: Need) -> bool:
    """A result is wanted, and None will not do."""
    return need.kind in {"data", "over"} and not need.optional


def _canvases(
    graph: Graph, progress: Mapping[str, Progress], outcomes: Mapping[str, StepOutcome], may_go: set[str]
) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Stretches of steps, one after the other; those that meet in one next step share a canvas."""
    unfinished = {name for name, outcome in outcomes.items() if outcome is StepOutcome.OPEN}
    view = _View(graph, progress, unfinished)
    stretches = [view.stretch(n.name) for n in graph.nodes if n.name in may_go and not n.mapped]
    joins: dict[str, list[tuple[str, ...]]] = {}
    alone: list[tuple[tuple[str, ...], ...]] = []
    for stretch in stretches:
        following = view.following(stretch)
        if len(following) == 1:
            joins.setdefault(following[0], []).append(stretch)
        else:
            alone.append((stretch,))
    for join, members in joins.items():
        inside = {name for member in members for name in member}
        if view.open_needs(join) <= inside:
            alone.append(tuple(members))
        else:  # something else is waited for too, which has a canvas of its own
            alone.extend((member,) for member in members)
    return tuple(alone)


class _View:
    """The unfinished part of a graph."""

    def __init__(self, graph: Graph, progress: Mapping[str, Progress], unfinished: set[str]) -> None:
        self._graph = graph
        self._progress = progress
        self._unfinished = unfinished
        self._ancestors: dict[str, set[str]] = {}
        for node in graph.nodes:
            direct = {need.step for need in node.needs}
            self._ancestors[node.name] = direct.union(*(self._ancestors[name] for name in direct))

    def open_needs(self, name: str) -> set[str]:
        return {need.step for need in self._graph.node(name).needs} & self._unfinished

    def following(self, stretch: tuple[str, ...]) -> list[str]:
        """The steps that wait for this stretch and for none that waits for it itself."""
        waiting = [
            node.name
            for node in self._graph.nodes
            if node.name in self._unfinished
            and node.name not in stretch
            and any(need.step in stretch for need in node.needs)
        ]
        return [name for name in waiting if self._ancestors[name].isdisjoint(waiting)]

    def stretch(self, start: str) -> tuple[str, ...]:
        """`start` and the steps that can only come one after the other behind it."""
        path: tuple[str, ...] = (start,)
        while True:
            following = self.following(path)
            if len(following) != 1:
                return path
            node = self._graph.node(following[0])
            if (
                node.mapped
                or not self._progress[node.name].free
                or not self.open_needs(node.name) <= set(path)
            ):
                return path
            path = (*path, node.name)
