"""Some schedules of the simulated world in a process of their own; figures and differences as JSON, on one line."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench._clockwork_plan import FULL, QUICK
from bench._clockwork_verdict import judged
from bench._clockwork_world import live
from bench._installation import BenchFailed
from presstime.settings import PROJECT

FORMS = {"full": FULL, "quick": QUICK}


def in_fresh_processes(form: str, seed: int, shards: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """What each says, all at the same time. Raises BenchFailed when one of them breaks."""
    started = [_start(form, seed, numbers) for numbers in shards]
    try:
        return [_said(process) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _start(form: str, seed: int, numbers: Sequence[int]) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "bench._clockwork_shard", form, str(seed), json.dumps(list(numbers))]
    return subprocess.Popen(
        words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def _said(process: "subprocess.Popen[str]") -> dict[str, Any]:
    told, complained = process.communicate()
    if process.returncode:
        raise BenchFailed(f"a shard ended with {process.returncode}", {"stderr": complained})
    said: dict[str, Any] = json.loads(told.splitlines()[-1])
    return said


def main() -> None:
    form, seed, numbers = FORMS[sys.argv[1]], int(sys.argv[2]), json.loads(sys.argv[3])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        lived = live(form, seed, numbers, Path(folder))
        try:
            figures, wrong = judged(lived)
        finally:
            lived.site.close()
    print(json.dumps({"figures": figures, "wrong": wrong, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
