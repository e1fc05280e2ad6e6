"""Reads the first rows of a file, or of a report in the artifact store."""

from pathlib import Path

from cli.printing.previews import print_preview
from presstime.errors import PresstimeError
from presstime.settings import Settings
from reports.reading.preview import read_preview


class FileUnreadable(PresstimeError):
    """A file on disk cannot be opened."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot read {path}: {error.strerror}")


def preview_file(path: Path, sheet: str | None, rows: int, *, json: bool) -> None:
    """Show a file on disk; needs no database."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileUnreadable(path, error) from error
    with file:
        preview = read_preview(file, path.suffix[1:].lower(), sheet, rows=rows)
    print_preview({"file": str(path)}, path.name, preview, json=json)


def preview_report(settings: Settings, text: str, sheet: str | None, rows: int, *, json: bool) -> None:
    """Show a report by its id, or by its run's."""
    from cli.actions.finding import find_report  # loads the database's tables, for which a file has no use
    from cli.actions.runtimes import open_reader
    from presstime.artifacts import file_key

    runtime = open_reader(settings)
    report = find_report(runtime, text)
    with runtime.artifacts.open(file_key(report.sha256)) as file:
        preview = read_preview(file, report.format, sheet, rows=rows)
    print_preview({"report_id": str(report.id)}, report.filename, preview, json=json)
