"""Chooses the earlier run that a new one builds on: once, when the run is made; pruning leaves it alone.

The choice is stored in the run's `pins`: `{"previous": {"run", "interval", "as_of", "code_version", "steps"}}`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Row, Select, Text, bindparam, cast, select
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.interval import Interval, preceding
from presstime.models import RunState
from presstime.models.tables import RUNS

OF_RUN = ("id", "params", "graph", "interval_label", "as_of", "code_version")
CANDIDATES = (
    select(*(RUNS.c[name] for name in OF_RUN))
    .where(
        RUNS.c.pipeline == bindparam("pipeline"),
        RUNS.c.state == RunState.SUCCEEDED,
        RUNS.c.results_pruned_at.is_(None),
    )
    .order_by(RUNS.c.id.desc())
)
OF_INTERVAL = CANDIDATES.where(
    RUNS.c.interval_start == bindparam("start"), RUNS.c.interval_end == bindparam("end")
)
# Of a pipeline without a period there may be a million runs: the database compares, text by text.
WITH_PARAMS = CANDIDATES.where(
    RUNS.c.interval_start.is_(None), cast(RUNS.c.params, Text) == cast(bindparam("params", type_=JSON), Text)
)
AT_MOST = 100  # candidates; more than one is looked at only while the newest are being removed
# Whoever removes runs leaves out those that are locked, or sees this run's pins once they are committed.
KEEP = (
    select(RUNS.c.id)
    .where(RUNS.c.id == bindparam("run"), RUNS.c.results_pruned_at.is_(None))
    .with_for_update(read=True)
)


def pins_for(
    session: Session,
    pipeline: str,
    graph: Graph,
    params: Mapping[str, Any],
    interval: Interval | None,
) -> dict[str, Any]:
    """Return the pins of a run about to be made; the row of what it builds on stays locked until the commit."""
    wanted = {step for node in graph.nodes for step in node.previous}
    if not wanted:
        return {}
    given = {"pipeline": pipeline, **_bounds(interval, params)}
    for row in session.execute(_candidates(interval), given):
        steps = sorted(step for step in wanted if _has(row, step, graph))
        if row.params == params and steps and session.scalar(KEEP, {"run": row.id}) is not None:
            return {"previous": _pin(row, steps)}
    return {}


def pinned_run(pins: Mapping[str, Any], step: str) -> UUID | None:
    """The run whose result of `step` is taken; None where there is none."""
    pin = pins.get("previous")
    return UUID(pin["run"]) if pin and step in pin["steps"] else None


def _candidates(interval: Interval | None) -> Select[*tuple[Any, ...]]:
    return (WITH_PARAMS if interval is None else OF_INTERVAL).limit(AT_MOST)


def _bounds(interval: Interval | None, params: Mapping[str, Any]) -> dict[str, Any]:
    if interval is None:
        return {"params": dict(params)}
    before = preceding(interval)
    return {"start": before.start, "end": before.end}


def _has(row: Row[*tuple[Any, ...]], step: str, graph: Graph) -> bool:
    """Whether that run had the step, in the same form: run once, or once per item."""
    mapped = {node["name"]: node.get("mapped", False) for node in row.graph.get("nodes", ())}
    return step in mapped and mapped[step] == graph.node(step).mapped


def _pin(row: Row[*tuple[Any, ...]], steps: list[str]) -> dict[str, Any]:
    return {
        "run": str(row.id),
        "interval": row.interval_label,
        "as_of": row.as_of.isoformat(),
        "code_version": row.code_version,
        "steps": steps,
    }
