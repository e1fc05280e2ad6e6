"""What a schedule will do, for people."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rich.table import Table

from cli.console import console_of
from cli.schedule_options import BadOption, Wanted, read_instant
from cli.services import ensure_database
from pipelines.interval import Period
from pipelines.schedules.stored import UnknownSchedule, find_schedule, timetable_of
from pipelines.timetables.describe import describe
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import Planned, simulate
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import PipelineRow
from presstime.settings import Settings
from scheduler.runtime import Runtime


@dataclass(frozen=True)
class Plan:
    """A schedule in words, and its next instants."""

    words: str
    instants: list[Planned]


def plan(
    load: Callable[[], Settings], name: str | None, wanted: Wanted, start: str | None, count: int
) -> Plan:
    """Of the stored schedule of that name, or of the one that the options describe."""
    if (name is None) != wanted.says_when:
        raise BadOption(
            "name a schedule, or describe one with --cron, --every or --at; not both, not neither"
        )
    if name is not None and wanted.says_anything:
        raise BadOption(f"{name!r} has its own zone and calendar; describe a schedule to try out others")
    period: Period | None = None
    if name is None:
        timetable = Timetable(wanted.schedule("described"), wanted.zone or "UTC")
    else:
        timetable, period = _stored(load(), name)
    after = read_instant("--from", start, timetable.place) if start else utc_now()
    return Plan(describe(timetable), list(simulate(timetable, after, count, period)))


def show_plan(plan: Plan) -> None:
    console = console_of()
    console.print(plan.words, highlight=False)
    with_interval = any(one.interval for one in plan.instants)
    with_remarks = any(one.oddities for one in plan.instants)
    headings = ["Local time", "Offset", "UTC", *["Interval"] * with_interval, *["Remarks"] * with_remarks]
    table = Table(*headings, box=None, pad_edge=False)
    for one in plan.instants:
        cells = [
            f"{one.local:%a %Y-%m-%d %H:%M:%S}",
            _offset(one.local),
            f"{one.local.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        ]
        cells += [str(one.interval or "")] * with_interval + ["; ".join(one.oddities)] * with_remarks
        table.add_row(*cells, style=None if one.fires else "dim")
    console.print(table)


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def _stored(settings: Settings, name: str) -> tuple[Timetable, Period | None]:
    """From its row; or from the code, where nothing has served it yet."""
    ensure_database(settings)
    runtime = Runtime.open(settings)
    try:
        with reading(runtime.sessions) as session:
            row = find_schedule(session, name)
            pipeline = session.get_one(PipelineRow, row.pipeline)
        # A run reports on a period of its pipeline's zone, whichever zone its schedule is in.
        return replace(timetable_of(row), zone=pipeline.timezone), pipeline.period  # type: ignore[return-value] # the column holds a Period's word
    except UnknownSchedule:
        for loaded in runtime.registry.pipelines.values():
            for declared in loaded.pipeline.schedules:
                if name in {declared.name, f"{loaded.name}/{declared.name}"}:
                    return Timetable(declared, loaded.pipeline.timezone), loaded.pipeline.period
        raise
    finally:
        runtime.engine.dispose()
