"""Commands about reports: download and preview them, find the runs that a file came from, and render one."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json, RunId
from presstime.settings import load_settings

NONE = 1  # exit code: nothing was found
CREATED = "1980-01-01"  # the earliest that a zip archive knows: the same on every day


def download(
    run: RunId,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out"),
) -> None:
    """Copy the reports of a run into a folder."""
    from cli.actions.reports import download_reports

    download_reports(load_settings(), run, out)


def preview(
    what: Annotated[
        str, typer.Argument(metavar="REPORT", help="Its id, its run's id, or a file; ids may be cut short.")
    ],
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Else the first one.")] = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 50,
    json: Json = False,
) -> None:
    """Show the first rows of a report, or of a file on disk, without opening it."""
    from cli.actions.previews import preview_file, preview_report

    path = Path(what)
    if path.is_file():
        preview_file(path, sheet, rows, json=json)
    else:
        preview_report(load_settings(), what, sheet, rows, json=json)


def whence(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file on disk, or the sha256 of one.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Runs, the newest first.")] = 20,
    json: Json = False,
) -> None:
    """Say which runs made a file, or fetched it. Exits with 1 when none here did."""
    from cli.actions.origins import show_origins

    if not show_origins(load_settings(), file, limit, json=json):
        raise typer.Exit(NONE)


def render(  # noqa: PLR0917 # a command's options, which nobody passes by position
    frame: Annotated[Path, typer.Argument(metavar="FRAME", help="A .parquet, .arrow or .feather file.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A .xlsx, .csv, .parquet, .json, .html or .pdf file.")
    ],
    fast: Annotated[bool, typer.Option("--fast", help="Twice as fast, an eighth larger.")] = False,
    path: Annotated[
        str | None, typer.Option(metavar="WAY", help="How rows are written: auto, columnar or openpyxl.")
    ] = None,
    split: Annotated[bool, typer.Option("--split", help="Go on over further sheets.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="What a cell cannot hold becomes text, and is listed.")
    ] = False,
    created: Annotated[
        str,
        typer.Option(metavar="T", help="The time of creation that the file names; UTC without an offset."),
    ] = CREATED,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Write a table as a workbook of one sheet, or in another format: the same bytes on every day."""
    from cli.actions.rendering import Rendering, render_file

    render_file(frame, out, Rendering(fast, path, split, repair, created), json=json)
