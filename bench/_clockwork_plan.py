"""The schedules of the simulated world: their kinds, policies, pauses and edits. All chance follows from a seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bench._clockwork_kinds import PACES, declared_of, policies_of
from bench._clockwork_weather import Stretch, within
from pipelines.timetables.kinds import Policy
from pipelines.timetables.kinds import Schedule as Declared
from pipelines.timetables.occurrences import Timetable
from presstime.models import RunState

PIPELINE, ZONE = "clockwork", "UTC"
ENDINGS = (RunState.SUCCEEDED,) * 6 + (RunState.FAILED, RunState.CANCELLED)


@dataclass(frozen=True)
class Form:
    """`mix` has the share of each pace in percent."""

    schedules: int
    begin: datetime
    days: int
    up_days: float  # of each part, between two of its outages
    deploy_days: float
    mix: tuple[tuple[str, int], ...]

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(days=self.days)


# In these two years Samoa left out a day, Russia, Egypt and Turkey changed their minds, Morocco did so for Ramadan.
FULL = Form(
    1_000,
    datetime(2011, 2, 1, tzinfo=UTC),
    days=730,
    up_days=9,
    deploy_days=5,
    mix=(("month", 38), ("week", 26), ("day", 18), ("hour", 7), ("minutes", 6), ("once", 5)),
)
# Clocks go forward in some places, and back in others.
QUICK = Form(
    72,
    datetime(2011, 3, 5, tzinfo=UTC),
    days=60,
    up_days=4,
    deploy_days=3,
    mix=(("month", 20), ("week", 25), ("day", 32), ("hour", 7), ("minutes", 6), ("once", 10)),
)


@dataclass(frozen=True)
class Moved:
    """Somebody pauses the schedule, perhaps until some time, or lets it go on."""

    at: datetime
    pauses: bool
    until: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """`versions` is what code says and since which deployment; None takes the schedule away."""

    name: str
    pace: str
    versions: Sequence[tuple[datetime, Declared | None]]
    moves: Sequence[Moved]
    run_length: timedelta  # on average

    @property
    def key(self) -> str:
        return f"{PIPELINE}/{self.name}"


def deployments(form: Form, seed: int) -> list[datetime]:
    """When code is put in its place; the first time before anything happens."""
    chance = Random(f"{seed}/deployments")
    count = int(form.days / form.deploy_days)
    later = sorted(form.begin + timedelta(days=form.days * chance.random()) for _ in range(count))
    return [form.begin, *later]


def plan_of(form: Form, seed: int, number: int, deployed: Sequence[datetime]) -> Plan:
    """The schedule of that number, whatever others there are."""
    chance = Random(f"{seed}/{number}")
    pace = chance.choices([pace for pace, _ in form.mix], [share for _, share in form.mix])[0]
    begin, end = _life(form, chance, pace, deployed)
    policies = {"name": f"s{number:04}", **policies_of(chance, pace)}
    if PACES[pace].bounded or chance.random() < 0.2:
        policies |= {"starts": begin, "ends": end}
    declared = declared_of(chance, pace, begin, end, policies)
    return Plan(
        declared.name,
        pace,
        tuple(_versions(chance, pace, declared, (begin, end), deployed)),
        tuple(_moves(chance, pace, declared, begin, end)),
        PACES[pace].gap * chance.choice((0.01, 0.3, 1.6)),
    )


def _life(form: Form, chance: Random, pace: str, deployed: Sequence[datetime]) -> Stretch:
    """The stretch in which it has instants; a short one often lies around a deployment."""
    whole = form.end - form.begin
    length = min(PACES[pace].life * chance.uniform(0.4, 1.6), whole)
    middle = chance.choice(deployed) if chance.random() < 0.5 else form.begin + whole * chance.random()
    begin = max(form.begin, min(middle - length * chance.random(), form.end - length))
    begin = begin.replace(second=0, microsecond=0)
    return begin, begin + length


def _versions(
    chance: Random, pace: str, declared: Declared, life: Stretch, deployed: Sequence[datetime]
) -> Iterator[tuple[datetime, Declared | None]]:
    """Most are there from the beginning; then lines and policies change, or it goes and perhaps comes back."""
    usable = within(deployed, *life)
    first = chance.choice(usable) if usable and chance.random() < 0.3 else deployed[0]
    yield first, declared
    later = [moment for moment in usable if moment > first]
    gone = False
    for moment in sorted(chance.sample(later, min(len(later), chance.choice((0, 0, 1, 2, 3))))):
        if not gone and chance.random() < 0.2:
            gone = True
            yield moment, None
            continue
        gone = False
        declared = _edited(chance, pace, declared, life)
        yield moment, declared


def _edited(chance: Random, pace: str, declared: Declared, life: Stretch) -> Declared:
    if chance.random() < 0.3:
        return replace(declared, **policies_of(chance, pace))
    policies = {one.name: getattr(declared, one.name) for one in fields(Policy)}
    return declared_of(chance, pace, *life, policies)


def _moves(chance: Random, pace: str, declared: Declared, begin: datetime, end: datetime) -> Iterator[Moved]:
    """In bursts, because of two in a row the second may come before any alarm rang."""
    timetable = Timetable(declared, ZONE)
    gap = PACES[pace].gap
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        moment = _near(chance, timetable, begin + (end - begin) * chance.random())
        for _ in range(chance.choice((1, 2, 3, 4))):
            until = (
                _near(chance, timetable, moment + gap * 3 * chance.random())
                if chance.random() < 0.5
                else None
            )
            pauses = chance.random() < 0.6
            yield Moved(moment, pauses, until if pauses else None)
            moment = _near(chance, timetable, moment + gap * 2 * chance.random())
        yield Moved(moment + gap * 4 * chance.random(), pauses=False)


def _near(chance: Random, timetable: Timetable, moment: datetime) -> datetime:
    """That moment, or the instant after it exactly."""
    following = timetable.next(moment) if chance.random() < 0.3 else None
    return following.instant if following is not None else moment + timedelta(seconds=1)
