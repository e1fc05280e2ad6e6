"""Read by mypy alone: what the decorators' types refuse, and what they let pass.

Each ignored line must be an error: `warn_unused_ignores` fails the check where mypy sees none.
"""

from datetime import date, timedelta

from pipelines import Finding, Pipeline

p = Pipeline("typing-cases", period="day")


@p.extract
def days() -> list[date]:
    return []


@p.extract(over=days, retries=3, timeout=timedelta(minutes=5), limit=4)
def departures(day: date) -> list[str]:
    return [day.isoformat()]


@p.extract(over=["EWR", "JFK"])
def airport(code: str) -> str:
    return code


@p.extract(over=departures)
def flight(line: str, days: list[date]) -> int:
    return len(line) + len(days)


@p.extract(over=days)  # type: ignore[arg-type] # the items are dates
def wrong_item(day: str) -> str:
    return day


@p.extract(over=[1, 2])  # type: ignore[arg-type] # the items are numbers
def wrong_literal(code: str) -> str:
    return code


@p.check  # type: ignore[type-var] # a check returns findings
def wrong_verdict(days: list[date]) -> bool:
    return bool(days)


@p.check(over=days)
def each_day(day: date) -> Finding | None:
    return None


@p.extract(retry=3)  # type: ignore[call-overload, untyped-decorator] # it is called retries
def wrong_option() -> int:
    return 1


p.transform(guards=[days])  # type: ignore[call-overload] # only a check guards

text: list[str] = departures(date(2013, 1, 1))
number: int = flight("x", [date(2013, 1, 1)])
wrong: int = airport("EWR")  # type: ignore[assignment] # the function keeps its own type
