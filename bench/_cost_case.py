"""One case on one database, in a process of its own; its figures as JSON on the last line."""

import json
import subprocess
import sys
from collections.abc import Callable
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


def in_fresh_process(case: str, database: str, *sizes: int) -> dict[str, Any]:
    """Raises BenchFailed when there are no figures."""
    words = [sys.executable, "-m", "bench._cost_case", case, database, *map(str, sizes)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(
            f"case {case!r} on {database} ended with {done.returncode}", {"stderr": done.stderr}
        )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    case, database, *sizes = sys.argv[1:]
    print(json.dumps(CASES[case](database, *map(int, sizes))))


if __name__ == "__main__":
    main()
