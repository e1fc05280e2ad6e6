"""The options in which commands about schedules agree: when, and by which policies."""

from typing import Annotated

import typer

Stored = Annotated[str, typer.Argument(metavar="SCHEDULE", help="PIPELINE/NAME, or NAME alone.")]
CronLines = Annotated[
    list[str] | None,
    typer.Option("--cron", metavar="EXPR", help="A cron line; several times for several lines."),
]
Every = Annotated[str | None, typer.Option("--every", metavar="D", help="Every 15m, 2h, 1d.")]
At = Annotated[str | None, typer.Option("--at", metavar="T", help="Once: 2026-03-08T06:00.")]
Zone = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="Its time zone: Europe/Berlin.")]
Country = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="Whose public holidays are closed: US, DE."),
]
Region = Annotated[
    str | None, typer.Option("--region", metavar="CODE", help="A part of the country: NY, BY.")
]
ClosedFile = Annotated[
    str | None,
    typer.Option("--closed-file", metavar="FILE", help="Closed dates of your own, one a line."),
]
OnClosed = Annotated[
    str | None,
    typer.Option("--on-closed", metavar="WHAT", help="skip, next or previous: makes weekends closed too."),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter of its runs; repeatable."),
]
Starts = Annotated[
    str | None, typer.Option("--starts", metavar="T", help="Its first day or instant: 2026-03-08.")
]
Ends = Annotated[
    str | None, typer.Option("--ends", metavar="T", help="Nothing fires from then on: 2026-12-31.")
]
CatchUp = Annotated[
    str | None, typer.Option("--catch-up", metavar="WHAT", help="Of what was missed: latest, all or none.")
]
Grace = Annotated[
    str | None, typer.Option("--grace", metavar="D", help="How late a missed run may start: 90m, 1d.")
]
Overlap = Annotated[
    str | None,
    typer.Option(
        "--overlap", metavar="WHAT", help="Beside an unfinished run: queue, skip, allow or cancel_running."
    ),
]
Jitter = Annotated[
    str | None, typer.Option("--jitter", metavar="D", help="Start up to so long after the instant: 5m.")
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="WHEN", help="Late when not finished by 07:30, or within 90m."),
]
StopAfter = Annotated[
    int | None, typer.Option("--stop-after", min=1, help="Pause after so many failures in a row.")
]
