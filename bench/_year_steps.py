"""What each step of a run took: seconds by SQL, processor time and memory by what was seen of its processes."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import psutil

from bench._memory import MIB
from presstime.models import FailedAttempt, StepKind, Task

KIB = 1024

Span = tuple[int, float, float]  # a process id, and from when to when, in seconds since 1970


@dataclass(frozen=True)
class Sample:
    at: float  # in seconds since 1970, as SQL's times are
    rss: int
    cpu: float  # seconds since the process began


@dataclass
class Seen:
    """Every process of a worker over time, those of its children that were replaced too."""

    samples: dict[int, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    highest: dict[int, int] = field(default_factory=dict)  # bytes; as the kernel knows it, where it says so

    def note(self, process: psutil.Process, rss: int) -> None:
        used = process.cpu_times()
        self.samples[process.pid].append(Sample(time(), rss, used.user + used.system))
        self.highest[process.pid] = max(_high_water(process.pid) or rss, self.highest.get(process.pid, 0))

    def cpu(self, pid: int, start: float, end: float) -> float:
        return self._cpu_at(pid, end) - self._cpu_at(pid, start)

    def whole_cpu(self) -> float:
        return sum(taken[-1].cpu - taken[0].cpu for taken in self.samples.values())

    def peak(self, pid: int, start: float, end: float) -> int:
        """What lies between two samples is not seen; so the first one after it counts too."""
        taken = self.samples[pid]
        first, after = (bisect_left(taken, at, key=lambda one: one.at) for at in (start, end))
        return max((one.rss for one in taken[first : after + 1]), default=0)

    def _cpu_at(self, pid: int, at: float) -> float:
        """Between two samples as if it had computed evenly: an item takes less time than lies between them."""
        taken = self.samples[pid]
        place = bisect_left(taken, at, key=lambda one: one.at)
        if place in {0, len(taken)}:
            return taken[max(place - 1, 0)].cpu if taken else 0.0
        before, after = taken[place - 1], taken[place]
        return before.cpu + (after.cpu - before.cpu) * (at - before.at) / (after.at - before.at)


@dataclass(frozen=True)
class Part:
    """`seconds` from the first start to the last end; `cpu_s` of all its tasks; the peak of one process."""

    name: str
    tasks: int
    seconds: float
    cpu_s: float
    peak_mib: float


def parts_of(
    tasks: Sequence[Task], failed: Sequence[FailedAttempt], seen: Seen, writing: float
) -> list[Part]:
    """Steps in the order of their starts; the report, which wrote for so many seconds, in two."""
    steps: dict[str, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: _span(task)[1]):
        steps[task.step].append(task)
    earlier = {one.task_id: one.started_at.timestamp() for one in failed if one.started_at is not None}
    parts = []
    for step, own in steps.items():
        spans = [_span(task) for task in own]
        first = min([spans[0][1], *(earlier[task.id] for task in own if task.id in earlier)])
        if own[0].kind is StepKind.REPORT:
            pid, start, end = spans[0]
            turn = end - writing
            parts.append(_part(f"{step}, its frames", first, [(pid, start, turn)], seen))
            parts.append(_part(f"{step}, writing it", turn, [(pid, turn, end)], seen))
        else:
            parts.append(_part(step, first, spans, seen))
    return parts


def _part(name: str, first: float, spans: Sequence[Span], seen: Seen) -> Part:
    return Part(
        name=name,
        tasks=len(spans),
        seconds=max(end for _, _, end in spans) - first,
        cpu_s=sum(seen.cpu(*span) for span in spans),
        peak_mib=max(seen.peak(*span) for span in spans) / MIB,
    )


def _span(task: Task) -> Span:
    """Of the last attempt, which is the one that succeeded."""
    start, end = task.started_at or task.created_at, task.finished_at or task.created_at
    return task.pid or 0, start.timestamp(), end.timestamp()


def _high_water(pid: int) -> int | None:
    """The most bytes that a process ever used; only Linux tells."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
    return int(found) * KIB if found else None
