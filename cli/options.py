"""Options and arguments that several commands share, and the options of a schedule as one table."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
OfPipeline = Annotated[str | None, typer.Option("--pipeline", help="Only of this pipeline.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its first characters.")]
Stored = Annotated[str, typer.Argument(metavar="SCHEDULE", help="PIPELINE/NAME, or NAME alone.")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter of its runs; repeatable."),
]


@dataclass(frozen=True)
class ScheduleOptions:
    """The options of a schedule as they were typed, in the order of the help; None was not given."""

    cron: Annotated[
        list[str] | None,
        typer.Option("--cron", metavar="EXPR", help="A cron line; several times for several lines."),
    ] = None
    every: Annotated[str | None, typer.Option("--every", metavar="D", help="Every 15m, 2h, 1d.")] = None
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="Once: 2026-03-08T06:00.")] = None
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="Its time zone: Europe/Berlin.")
    ] = None
    param: Parameters = None
    country: Annotated[
        str | None,
        typer.Option("--country", metavar="CODE", help="Whose public holidays are closed: US, DE."),
    ] = None
    region: Annotated[
        str | None, typer.Option("--region", metavar="CODE", help="A part of the country: NY, BY.")
    ] = None
    closed_file: Annotated[
        str | None,
        typer.Option("--closed-file", metavar="FILE", help="Closed dates of your own, one a line."),
    ] = None
    on_closed: Annotated[
        str | None,
        typer.Option(
            "--on-closed", metavar="WHAT", help="skip, next or previous: makes weekends closed too."
        ),
    ] = None
    starts: Annotated[
        str | None, typer.Option("--starts", metavar="T", help="Its first day or instant: 2026-03-08.")
    ] = None
    ends: Annotated[
        str | None, typer.Option("--ends", metavar="T", help="Nothing fires from then on: 2026-12-31.")
    ] = None
    catch_up: Annotated[
        str | None,
        typer.Option("--catch-up", metavar="WHAT", help="Of what was missed: latest, all or none."),
    ] = None
    grace: Annotated[
        str | None, typer.Option("--grace", metavar="D", help="How late a missed run may start: 90m, 1d.")
    ] = None
    overlap: Annotated[
        str | None,
        typer.Option(
            "--overlap",
            metavar="WHAT",
            help="Beside an unfinished run: queue, skip, allow or cancel_running.",
        ),
    ] = None
    jitter: Annotated[
        str | None,
        typer.Option("--jitter", metavar="D", help="Start up to so long after the instant: 5m."),
    ] = None
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHEN", help="Late when not finished by 07:30, or within 90m."),
    ] = None
    stop_after: Annotated[
        int | None, typer.Option("--stop-after", min=1, help="Pause after so many failures in a row.")
    ] = None
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="WHAT", help="Take away a calendar, grace, by, zone...; repeatable."),
    ] = None

    @property
    def says_when(self) -> bool:
        return bool(self.cron or self.every or self.at)

    @property
    def says_anything(self) -> bool:
        return self != ScheduleOptions()


CHANGES = tuple(field.name for field in fields(ScheduleOptions))
WHOLE = tuple(name for name in CHANGES if name != "clear")  # a new schedule has nothing to take away
TIMETABLE = ("cron", "every", "at", "zone", "country", "region", "closed_file", "on_closed")


def with_schedule_options(names: tuple[str, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options of the table; it receives them as its parameter `options`."""
    rows = {field.name: field for field in fields(ScheduleOptions)}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def collecting(**given: object) -> None:
            typed = {name: given.pop(name) for name in names}
            command(**given, options=ScheduleOptions(**typed))  # type: ignore[arg-type] # as typer parsed them

        parameters: list[inspect.Parameter] = []
        for parameter in inspect.signature(command).parameters.values():
            if parameter.name == "options":
                parameters += [
                    parameter.replace(name=name, annotation=rows[name].type, default=rows[name].default)
                    for name in names
                ]
            else:
                parameters.append(parameter)
        collecting.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # where typer reads options
        collecting.__annotations__ = {each.name: each.annotation for each in parameters}
        return collecting

    return decorate
