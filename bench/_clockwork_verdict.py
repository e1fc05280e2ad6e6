"""The end of a simulated world: its figures, and each difference from what the policies prescribe."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy.orm import Session

from bench._clockwork_facts import Deployed, Paused, Resumed
from bench._clockwork_judge import books, differences
from bench._clockwork_oracle import Prescribed, prescribe
from bench._clockwork_plan import ZONE
from bench._clockwork_world import Lived
from presstime.database import reading


def prescribed(lived: Lived) -> dict[str, Prescribed]:
    return {
        life.plan.name: prescribe(life.plan.key, ZONE, life.facts, lived.weather, lived.end)
        for life in lived.lives
    }


def found_wrong(session: Session, wanted: dict[str, Prescribed]) -> list[str]:
    """A line for each difference, with the schedule that it is about."""
    found = books(session)
    lines = [f"{name}: is not there" for name in wanted.keys() - found.keys()]
    for name in sorted(wanted.keys() & found.keys()):
        lines += [f"{name}: {line}" for line in differences(found[name], wanted[name])]
    return lines


def judged(lived: Lived) -> tuple[Counter[str], list[str]]:
    wanted = prescribed(lived)
    with reading(lived.site.sessions) as session:
        return Counter(dict(_figures(lived, wanted))), found_wrong(session, wanted)


def _figures(lived: Lived, wanted: dict[str, Prescribed]) -> Iterator[tuple[str, int]]:
    causes = Counter(cause for one in wanted.values() for cause in one.causes.values())
    facts = Counter(type(fact) for life in lived.lives for fact in life.facts)
    yield "schedules", len(lived.lives)
    yield "instants", causes.total()
    yield "runs", causes[None]
    yield from ((str(cause), count) for cause, count in causes.items() if cause is not None)
    yield "pauses", facts[Paused]
    yield "resumptions", facts[Resumed]
    yield "versions", facts[Deployed]
    yield from lived.counts.items()
