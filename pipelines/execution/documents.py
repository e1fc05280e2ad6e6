"""Turns what a report step returned into files in the artifact store, with names that people understand."""

import platform
import re
import tempfile
import time
from dataclasses import asdict, replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.loading.loaded import LoadedPipeline
from pipelines.results.items import plain
from pipelines.runs.claims import Attempt
from pipelines.runs.records import Document
from presstime.artifacts import Artifacts
from presstime.errors import PresstimeError
from presstime.versions import version_of
from reports.file_formats import Format, Returned, check_formats, ending, format_name, media_type
from reports.files.document import write_document
from reports.template import Template
from reports.workbook import Workbook

UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')  # what Windows, macOS or Linux refuse in a file's name
LIBRARIES = (
    "jinja2",
    "lxml",
    "openpyxl",
    "pandas",
    "polars",
    "pyarrow",
    "isal",
    "zlib-ng",
)  # that had a hand in the bytes
LONGEST_NAME = 120  # characters; with folder and suffix it stays under every system's limit


class NoDocument(PresstimeError):
    def __init__(self, step: str, value: object) -> None:
        super().__init__(
            f"report step {step!r} returned {type(value).__name__}, not a Workbook or a Template"
        )


def build_documents(
    value: object, attempt: Attempt, loaded: LoadedPipeline, artifacts: Artifacts
) -> list[Document]:
    """Write the workbook in each format of its step, store the files by their sha256, and say how they were made.

    What several of them note is noted once.
    """
    if not isinstance(value, Workbook | Template):
        raise NoDocument(attempt.node.name, value)
    formats = loaded.steps[attempt.node.name].formats
    check_formats(value, formats)
    documents: list[Document] = []
    for format_ in formats:
        document = _built(value, format_, attempt, loaded, artifacts)
        said = {note for earlier in documents for note in earlier.notes}
        notes = tuple(note for note in document.notes if note not in said)
        documents.append(replace(document, notes=notes))
    return documents


def _built(
    workbook: Returned, format_: Format, attempt: Attempt, loaded: LoadedPipeline, artifacts: Artifacts
) -> Document:
    begun = time.monotonic()
    name = report_name(attempt, loaded)
    with tempfile.TemporaryDirectory(prefix="presstime-") as folder:
        path = Path(folder) / "report"
        written = write_document(
            workbook,
            path,
            format=format_,
            about=replace(attempt.about, title=workbook.title or loaded.title) if attempt.about else None,
            created=attempt.interval.end.astimezone(UTC) if attempt.interval else attempt.as_of,
            zone=ZoneInfo(attempt.timezone),
        )
        stored = artifacts.put_file(path, media_type(workbook, format_))
    return Document(
        file=stored,
        name=name,
        filename=f"{name}{ending(workbook, format_)}",
        format=format_name(format_),
        content_sha256=written.content_sha256,
        notes=written.notes,
        manifest={
            "run": str(attempt.run_id),
            "task": str(attempt.task_id),
            "attempt": attempt.number,
            "rows": dict(written.rows),
            "findings": [asdict(finding) for finding in written.findings],
            "host": platform.node(),
            "libraries": {name: version_of(name) for name in LIBRARIES},
            "seconds": round(time.monotonic() - begun, 3),
            **(
                {"headline": workbook.headline}
                if isinstance(workbook, Workbook) and workbook.headline
                else {}
            ),
            **({"changes": written.changes} if written.changes is not None else {}),
            **attempt.pins,
        },
    )


def report_name(attempt: Attempt, loaded: LoadedPipeline) -> str:
    """Name a report by the step's or the pipeline's template; else by title, step if several, item and interval."""
    step = loaded.steps[attempt.node.name]
    item = plain(attempt.item) if attempt.item is not None else ""
    interval = attempt.interval.label if attempt.interval else ""
    template = step.filename or loaded.pipeline.filename
    if template is not None:
        text = template.format(
            pipeline=loaded.name, title=loaded.title, step=step.name, item=item, interval=interval
        )
    else:
        several = sum(other.kind == "report" for other in loaded.steps.values()) > 1
        text = " ".join(part for part in (loaded.title, step.name if several else "", item, interval) if part)
    return UNFIT.sub("-", text).strip(" .")[:LONGEST_NAME].strip() or loaded.name
