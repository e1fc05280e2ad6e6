"""Cases on one database, in a process of their own; their figures as JSON on the last line."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from bench._cost_map import measure as measure_map
from bench._cost_round import measure as measure_round
from bench._cost_run import measure as measure_run
from bench._installation import BenchFailed
from presstime.settings import PROJECT

CASES: dict[str, Callable[..., dict[str, Any]]] = {
    "run": measure_run,
    "round": measure_round,
    "map": measure_map,
}

Case = tuple[str | int, ...]  # its name, then its sizes


def in_fresh_process(database: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The figures of each, in order. Raises BenchFailed when there are none."""
    words = [sys.executable, "-m", "bench._cost_case", database, json.dumps(cases)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(f"{cases} on {database} ended with {done.returncode}", {"stderr": done.stderr})
    figures: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    database, cases = sys.argv[1], json.loads(sys.argv[2])
    print(json.dumps([CASES[name](database, *sizes) for name, *sizes in cases]))


if __name__ == "__main__":
    main()
