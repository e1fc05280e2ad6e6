"""Lists and shows schedules, what they will do, why they did what they did, and what was late."""

from collections.abc import Callable

from cli.actions.runtimes import open_reader, open_runtime
from cli.actions.schedule_lookup import look_up
from cli.actions.schedule_reading import BadOption, read_instant, schedule_of
from cli.options import ScheduleOptions
from cli.printing.console import print_json, print_line
from cli.printing.instants import print_instants
from cli.printing.late import print_late
from cli.printing.schedules import print_schedule, print_schedules
from cli.printing.why import Why
from pipelines.interval import Period
from pipelines.schedules.late_listing import newest_late
from pipelines.schedules.listing import reported_timetable, schedules_by_name
from pipelines.schedules.stored import UnknownSchedule, timetable_of
from pipelines.schedules.why import explain
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import simulate
from presstime.clock import utc_now
from presstime.database import reading
from presstime.settings import Settings


def list_schedules(settings: Settings, pipeline: str | None, *, json: bool) -> None:
    """Print the schedules, of all pipelines or of one."""
    with reading(open_runtime(settings).sessions) as session:
        rows = schedules_by_name(session, pipeline or None)
    print_schedules(rows, utc_now(), json=json)


def show_schedule(settings: Settings, name: str, *, json: bool) -> None:
    """Print all that there is to know of a schedule."""
    runtime = open_runtime(settings)
    row = look_up(runtime, name, save=False)
    runtime.engine.dispose()
    print_schedule(row, utc_now(), json=json)


def show_why(settings: Settings, name: str, at: str | None, *, json: bool) -> None:
    """Print what a schedule did at some time, and why."""
    runtime = open_reader(settings)
    row = look_up(runtime, name, save=False)
    with reading(runtime.sessions) as session:
        now = utc_now()
        moment = read_instant("--at", at, timetable_of(row).tz) if at else now
        why = Why(row, moment, now, explain(session, row, moment))
    runtime.engine.dispose()
    if json:
        print_json(why.document())
    else:
        print_line("\n".join(why.lines()))


def list_late(settings: Settings, pipeline: str | None, limit: int, *, json: bool) -> None:
    """Print what was not finished by its deadline."""
    with reading(open_runtime(settings).sessions) as session:
        rows = newest_late(session, pipeline=pipeline, limit=limit)
    print_late(rows, json=json)


def show_next(
    load: Callable[[], Settings],
    name: str | None,
    options: ScheduleOptions,
    start: str | None,
    count: int,
    *,
    json: bool,
) -> None:
    """Print the next instants of the stored schedule of that name, or of the one that options describe.

    Settings are loaded for a stored one alone: to try one out takes no installation.
    """
    if (name is None) != options.says_when:
        raise BadOption(
            "name a schedule, or describe one with --cron, --every or --at; not both, not neither"
        )
    if name is not None and options.says_anything:
        raise BadOption(f"{name!r} has its own zone and calendar; describe a schedule to try out others")
    period: Period | None = None
    if name is None:
        timetable = Timetable(schedule_of(options, "described"), options.zone or "UTC")
    else:
        timetable, period = _stored(load(), name)
    after = read_instant("--from", start, timetable.tz) if start else utc_now()
    print_instants(timetable, list(simulate(timetable, after, count, period)), json=json)


def _stored(settings: Settings, name: str) -> tuple[Timetable, Period | None]:
    """From its row; or from the code, where nothing has served it yet."""
    runtime = open_reader(settings)
    try:
        with reading(runtime.sessions) as session:
            return reported_timetable(session, name)
    except UnknownSchedule:
        for loaded in runtime.registry.declaring(name):
            for declared in loaded.pipeline.schedules:
                if name in {declared.name, f"{loaded.name}/{declared.name}"}:
                    return Timetable(declared, loaded.pipeline.timezone), loaded.pipeline.period
        raise
    finally:
        runtime.engine.dispose()
