"""What the steps of the chaos pipeline do, and their witness: a file that Presstime does not own.

Each execution writes a line when it begins and one when its work is done, each in a single append.
"""

import json
import os
import random
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from pipelines import Run

WITNESS = "CHAOS_WITNESS"  # variable with the file's path
ITEMS = 10
STEPS = ("items", "fetch", "combine", "side", "whole", "book")


@dataclass(frozen=True)
class Line:
    """One line of the witness. `token` is unique to the execution; `consumed` are those that its inputs bore."""

    kind: str  # "begin" or "end"
    run: str
    step: str
    item: int  # -1 for a step that is not mapped
    attempt: int
    pid: int
    token: str
    at: float  # seconds since 1970
    consumed: tuple[str, ...]


@contextmanager
def witnessed(run: Run, step: str, item: int = -1, consumed: Sequence[str] = ()) -> Iterator[str]:
    """Take the time that this run's step takes, and leave the two lines. Gives the execution's token."""
    token = f"{os.getpid()}-{time.time_ns()}-{secrets.token_hex(4)}"
    begin = Line(
        "begin", str(run.id), step, item, run.attempt, os.getpid(), token, time.time(), tuple(consumed)
    )
    _append(begin)
    time.sleep(duration(run.id, step, item))
    yield token
    _append(Line(**{**asdict(begin), "kind": "end", "at": time.time()}))


def duration(run: UUID, step: str, item: int) -> float:
    """Seconds: mostly some ten milliseconds, sometimes up to two seconds; the same on every attempt."""
    dice = random.Random(f"{run}/{step}/{item}")
    shortest, longest = dice.choices([(0.02, 0.08), (0.3, 0.8), (1.0, 2.0)], [86, 10, 4])[0]
    return dice.uniform(shortest, longest)


def value_of(number: int, item: int) -> int:
    """The figure that a fetch brings."""
    return (number + 2) * 1_009 + item * 97


def side_of(number: int) -> int:
    return (number + 2) * 31


def total_of(number: int) -> int:
    return sum(value_of(number, item) for item in range(ITEMS))


def read_witness(path: Path) -> list[Line]:
    found = []
    for text in path.read_text().splitlines():
        fields = json.loads(text)
        found.append(Line(**{**fields, "consumed": tuple(fields["consumed"])}))
    return found


def _append(line: Line) -> None:
    descriptor = os.open(os.environ[WITNESS], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(asdict(line)) + "\n").encode())
    finally:
        os.close(descriptor)
