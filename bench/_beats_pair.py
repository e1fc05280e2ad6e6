"""Two beats, killed by plan and started again; and when each of them lived. Knows not whose beats they are."""

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench._beats_plan import BEATS, Blow
from bench._installation import Installation

POLL = 0.02  # seconds between two looks at the processes
READY = "maxinterval ->"  # the last line that Celery's beat prints before it begins to tick
RESTART = 0.2  # seconds after which one that ended by itself is started again
DUE = 0.25  # seconds that a beat has to ring an instant; one that died sooner may have rung nothing


@dataclass
class Life:
    """Of one process, in seconds since 1970: when it began to tick, and when it ended."""

    log: str
    process: "subprocess.Popen[bytes]"
    ticks: float | None = None
    ended: float | None = None


class Pair:
    """`start` starts a beat whose output goes to the log of the name that it gets."""

    def __init__(self, installation: Installation, start: Callable[[str], "subprocess.Popen[bytes]"]) -> None:
        self._installation = installation
        self._start = start
        self._lives: dict[str, list[Life]] = {beat: [] for beat in BEATS}
        self._due = dict.fromkeys(BEATS, 0.0)
        self.kills: list[float] = []  # seconds since 1970
        self.ended_by_themselves = 0
        self.tend()
        installation.wait("two beats", self._both_tick)

    def play(self, blows: list[Blow], seconds: float) -> None:
        """Kill them as planned, and return after so many seconds with both there again."""
        began = time.time()
        for blow in blows:
            self._until(began + blow.at)
            self._strike(blow)
        self._until(began + seconds)
        self._due = dict.fromkeys(BEATS, 0.0)

    def tend(self) -> None:
        """Start what is due, and note what ended by itself or has begun to tick."""
        for beat, lives in self._lives.items():
            life = lives[-1] if lives else None
            if life is not None and life.ended is None:
                self._look(beat, life)
            elif time.time() >= self._due[beat]:
                log = f"{beat}-{len(lives) + 1}"
                lives.append(Life(log, self._start(log)))

    def gaps(self, first: float, last: float) -> list[tuple[float, float]]:
        """The stretches of that time in which no beat ticked."""
        return gaps_between(self._ticking(last), first, last)

    def _ticking(self, last: float) -> Iterator[tuple[float, float]]:
        for lives in self._lives.values():
            for life in lives:
                if life.ticks is not None:
                    yield life.ticks, life.ended or last

    def _look(self, beat: str, life: Life) -> None:
        if life.process.poll() is not None:
            self.ended_by_themselves += 1
            self._end(beat, life, RESTART)
        elif life.ticks is None and READY in self._log(life):
            life.ticks = time.time()

    def _strike(self, blow: Blow) -> None:
        for beat in blow.beats:
            life = self._lives[beat][-1]
            if life.ended is None:
                self.kills.append(time.time())
                self._end(beat, life, blow.away)
            elif len(blow.beats) > 1:  # one that is away anyway stays so for the whole stretch
                self._due[beat] = time.time() + blow.away

    def _end(self, beat: str, life: Life, away: float) -> None:
        life.ended = time.time()
        self._installation.end(life.process)
        self._due[beat] = life.ended + away

    def _until(self, moment: float) -> None:
        while time.time() < moment:
            self.tend()
            time.sleep(POLL)

    def _both_tick(self) -> bool | None:
        self.tend()
        return all(lives[-1].ticks is not None for lives in self._lives.values()) or None

    def _log(self, life: Life) -> str:
        path = self._installation.folder / f"{life.log}.log"
        return path.read_text(errors="replace") if path.exists() else ""


def gaps_between(
    covered: Iterable[tuple[float, float]], first: float, last: float
) -> list[tuple[float, float]]:
    """What these stretches, which may overlap, leave of the time from `first` to `last`."""
    found, until = [], first
    for begins, ends in sorted(covered):
        if begins > until:
            found.append((until, min(begins, last)))
        until = max(until, ends)
    found.append((until, last))
    return [(begins, ends) for begins, ends in found if begins < ends]


def falls_in(moment: float, gaps: list[tuple[float, float]]) -> bool:
    """Whether a moment lies in a gap, or so shortly before it that no beat had the time to ring."""
    return any(begins - DUE <= moment < ends for begins, ends in gaps)
