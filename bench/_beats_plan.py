"""When which beat is killed, and for how long it stays away: all of it follows from a seed and the form."""

import random
from dataclasses import dataclass

BEATS = ("beat-1", "beat-2")
RESTART = (0.2, 4.0)  # seconds from the kill of one beat until it is started again
MARGIN = 0.1  # part of a stretch's share of the time that stays free on either side of it


@dataclass(frozen=True)
class Form:
    """Quick or full. Times in seconds."""

    name: str
    seconds: float  # of schedules
    schedules: int
    kills: int  # of each beat alone
    stretches: int  # with both killed at once
    away: tuple[float, float]  # how long such a stretch lasts, from the kill to the restart
    peer: float  # seconds for each of the peers


FULL = Form("full", seconds=600, schedules=2, kills=45, stretches=8, away=(6, 30), peer=90)
QUICK = Form("quick", seconds=18, schedules=2, kills=1, stretches=1, away=(6, 7), peer=0)


@dataclass(frozen=True)
class Blow:
    """So many seconds after the start these beats are killed; they start again `away` seconds later."""

    at: float
    beats: tuple[str, ...]
    away: float


@dataclass(frozen=True)
class Plan:
    form: Form
    seed: int

    def blows(self) -> list[Blow]:
        """In the order of their times. Each beat dies when its dice say so, whatever the other does."""
        dice = random.Random(f"beats/{self.seed}")
        seconds = self.form.seconds
        alone = [
            Blow(dice.uniform(0, seconds), (beat,), dice.uniform(*RESTART))
            for beat in BEATS
            for _ in range(self.form.kills)
        ]
        return sorted(alone + self._stretches(dice), key=lambda blow: blow.at)

    def _stretches(self, dice: random.Random) -> list[Blow]:
        """One in each of as many equal shares of the time, and within it."""
        room = self.form.seconds / self.form.stretches
        found = []
        for place in range(self.form.stretches):
            away = dice.uniform(*self.form.away)
            at = dice.uniform(MARGIN * room, (1 - MARGIN) * room - away)
            found.append(Blow(place * room + at, BEATS, away))
        return found
