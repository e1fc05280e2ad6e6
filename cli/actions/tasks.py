"""Finds tasks of a run by what a person types: the name of a step, and an item as it is shown."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.graph import Graph, Node
from pipelines.names import did_you_mean
from pipelines.results.items import plain
from pipelines.runs.traces import StepTask, step_tasks
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.models import Run, TaskState
from scheduler.runtime import Runtime

NAMED = 5  # items that a message names; of more it says how many


class StepMissing(PresstimeError):
    """An item is named, and no step."""

    def __init__(self, item: str) -> None:
        super().__init__(f"item {item!r} of which step? Name the step too")


class UnknownStep(PresstimeError):
    """A run has no step of that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        guess = did_you_mean(name, known) or f"; its steps are {', '.join(known)}"
        super().__init__(f"the run has no step {name!r}{guess}")


class UnknownItem(PresstimeError):
    """A step has no such item."""

    def __init__(self, node: Node, item: str, known: Sequence[str]) -> None:
        what = f"step {node.name!r} has no item {item!r}"
        if not node.mapped:
            super().__init__(f"{what}: it is not mapped; leave out --item")
        elif not known:
            super().__init__(
                f"{what}: its items are not known yet, because what lists them has not succeeded"
            )
        else:
            super().__init__(f"{what}{did_you_mean(item, known) or f'; it has {_some(known)}'}")


class SeveralItems(PresstimeError):
    """More items than one failed, and none is named."""

    def __init__(self, node: Node, items: Sequence[str]) -> None:
        super().__init__(
            f"step {node.name!r} has {len(items)} items to try again: {_some(items)}; "
            "name one with --item, or try all of them by leaving out --step"
        )


class SameWords(PresstimeError):
    """Two items are written alike."""

    def __init__(self, item: str, meant: Sequence[str]) -> None:
        super().__init__(f"item {item!r} may be {' or '.join(meant)}; write it so, with its quotes")


class NothingFailed(PresstimeError):
    """A step has no task to try again."""

    def __init__(self, node: Node) -> None:
        super().__init__(f"no task of step {node.name!r} has failed; there is nothing to try again")


def one_task(runtime: Runtime, run_id: UUID, step: str | None, item: str | None) -> UUID:
    """The one task to try again; without an item the only one of the step that failed or was cancelled."""
    with reading(runtime.sessions) as session:
        node = node_of(session.get_one(Run, run_id), step, item)
        tasks = tasks_of(session, run_id, node, item)
    if len(tasks) == 1:
        return tasks[0].id
    failed = [task for task in tasks if task.state in {TaskState.FAILED, TaskState.CANCELLED}]
    if not failed:
        raise NothingFailed(node)
    if len(failed) > 1:
        raise SeveralItems(node, [plain(task.item) for task in failed if task.item is not None])
    return failed[0].id


def node_of(run: Run, step: str | None, item: str | None) -> Node:
    """The step of that name, as the run knows it."""
    if step is None:
        raise StepMissing(item or "")
    nodes = {node.name: node for node in Graph.from_json(run.graph).nodes}
    if step not in nodes:
        raise UnknownStep(step, list(nodes))
    return nodes[step]


def tasks_of(session: Session, run_id: UUID, node: Node, item: str | None) -> Sequence[StepTask]:
    """The tasks of a step in the order of their items; with `item` exactly one."""
    every = step_tasks(session, run_id, node.name)
    if item is None:
        return every
    named = [(task, task.item) for task in every if task.item is not None]
    # Canonical JSON comes first, so that the number 1 and the text "1" can be told apart.
    exact = [task for task, known in named if known == item]
    alike = exact or [task for task, known in named if plain(known) == item]
    if not alike:
        raise UnknownItem(node, item, [plain(known) for _, known in named])
    if len(alike) > 1:
        raise SameWords(item, [str(task.item) for task in alike])
    return alike


def _some(items: Iterable[str]) -> str:
    every = list(items)
    more = f" and {len(every) - NAMED:,} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
