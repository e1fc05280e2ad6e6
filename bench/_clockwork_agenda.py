"""The clock of the simulated world: what is to be done when. It jumps from one thing to the next."""

import heapq
from collections.abc import Callable
from datetime import datetime

Deed = Callable[[datetime], None]


class Agenda:
    def __init__(self, begin: datetime) -> None:
        self.now = begin
        self._waiting: list[tuple[datetime, int, Deed]] = []
        self._count = 0  # of two at one moment, the first that was asked for goes first

    def at(self, moment: datetime, deed: Deed) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (max(moment, self.now), self._count, deed))

    def run(self, end: datetime) -> None:
        """Everything until then; what would come later is forgotten."""
        while self._waiting and self._waiting[0][0] <= end:
            self.now, _, deed = heapq.heappop(self._waiting)
            deed(self.now)
        self.now = end
