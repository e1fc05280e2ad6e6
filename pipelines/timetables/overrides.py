"""The overrides of an operator: some fields of the JSON form of a schedule in code; the others follow the code."""

from collections.abc import Mapping
from typing import Any

KIND_OF = {"expression": "cron", "interval": "every", "at": "once"}
# Together they say when; whoever changes one of them has said when anew. An anchor goes with its interval.
WHEN = frozenset({"kind", "anchor", *KIND_OF})


def overridden(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`spec` with some of its fields changed; a cron line, an interval or a time makes it one of that kind."""
    kinds = {kind: name for name, kind in KIND_OF.items() if name in changes}
    kind = changes.get("kind") or next(iter(kinds), spec.get("kind"))
    dropped = {name for name, of in KIND_OF.items() if of != kind}
    if kind != "every" or "interval" in changes:
        dropped.add("anchor")
    kept = {name: value for name, value in spec.items() if name not in dropped}
    return {**kept, **changes, "kind": kind}


def differences(declared: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that make `wanted` out of `declared`."""
    changed = {name for name, value in wanted.items() if name not in declared or declared[name] != value}
    if WHEN & changed:
        changed |= WHEN & wanted.keys()
    return {name: wanted[name] for name in wanted if name in changed}
