"""Cases on one database, in a process of their own; their figures as JSON on the last line."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from bench._cost_map import measure as measure_map
from bench._cost_round import measure as measure_round
from bench._cost_run import measure as measure_run
from bench._fresh import in_fresh_process
from bench._installation import exit_when_terminated

CASE = "bench._cost_case"
CASES: dict[str, Callable[..., dict[str, Any]]] = {
    "run": measure_run,
    "round": measure_round,
    "map": measure_map,
}

Case = tuple[str | int, ...]  # its name, then its sizes


def measured(database: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The figures of each, in order. Raises BenchFailed when there are none."""
    figures: list[dict[str, Any]] = in_fresh_process(CASE, database, json.dumps(cases))
    return figures


def main() -> None:
    exit_when_terminated()
    database, cases = sys.argv[1], json.loads(sys.argv[2])
    print(json.dumps([CASES[name](database, *sizes) for name, *sizes in cases]))


if __name__ == "__main__":
    main()
