"""Writes a workbook as a .pdf file: pages to print and to send, with text that can be selected and is tagged."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports.about import About
from reports.comparing.words import summary
from reports.extras import library
from reports.files.pages.parts import MOST_ROWS
from reports.files.pages.printed import about_sheet, document
from reports.preflight import Finding, Findings
from reports.views.book import without_changes
from reports.views.build import shown_book
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

TEMPLATE = Path(__file__).with_name("pages") / "page.typ"
# Latin, Greek, Cyrillic, Hebrew, punctuation, currencies, arrows, mathematics, shapes: what the fonts that come
# with the library have. All else is set in fonts of the machine, if it has any.
FOREIGN = re.compile(
    "[^\u0000-\u052f\u0591-\u05f4\u1e00-\u206f\u20a0-\u20bf\u2100-\u22ff\u2500-\u25ff\ufb00-\ufb4f]"
)
SHARED = frozenset("⚑✕✓")  # signs of conditional formats, which they have too
BORROWED = "its text has characters that the PDF's own fonts lack; they are set in fonts of this machine"


def write_pdf(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """At most MOST_ROWS rows of a table are shown; the page says how many there are, and so does a finding.

    Raises BadWorkbook, and then leaves `path` as it was; MissingExtra where the library is not installed.
    """
    check_created(created)
    library("typst")  # before anything is read
    findings = Findings()
    book = shown_book(workbook, findings, zone, MOST_ROWS, about)
    told = document(workbook, book, findings)
    figures = document(workbook, without_changes(book), Findings()) if book.compared else told
    own = {**figures, "title": workbook.title, "period": None}  # what About says is no content
    content = json.dumps(own, ensure_ascii=False)
    foreign = _foreign_sheets(told)
    for name in foreign:
        findings.add("fonts", name, BORROWED)
    found: tuple[Finding, ...] = (*workbook.repaired, *findings.all())
    if about is not None:
        told["sheets"].append(about_sheet(about, [str(one) for one in found]))
    pdf = _compiled(told, created, machine=bool(foreign))
    with draft_of(path) as draft:
        draft.write_bytes(pdf)
    digests = sha256(pdf).hexdigest(), sha256(content.encode()).hexdigest()
    return Written(len(pdf), *digests, book.rows, found, summary(book.compared))


def _compiled(told: dict[str, Any], created: datetime, *, machine: bool) -> bytes:
    """`machine`: whether its fonts may be used where the library's own lack a character."""
    made: bytes = library("typst").compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"document": json.dumps(told, ensure_ascii=False)},
        timestamp=created.astimezone(UTC),
        ignore_system_fonts=not machine,
    )
    return made


def _foreign_sheets(told: dict[str, Any]) -> list[str]:
    """Names of the sheets with characters that need other fonts."""
    return [
        sheet["name"]
        for sheet in told["sheets"]
        if set(FOREIGN.findall(json.dumps([told["title"], sheet], ensure_ascii=False))) - SHARED
    ]
