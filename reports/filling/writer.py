"""Fill a template and write it, whole or not at all. Knows nothing of runs, HTTP or the database."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from presstime.artifacts import sha256_of
from reports.about import About
from reports.filling.about_part import add_about
from reports.filling.book import date_book
from reports.filling.filler import Filler
from reports.filling.package import TemplatePackage
from reports.preflight import Findings
from reports.template import Template
from reports.written import Written, check_created, draft_of


def write_template(
    template: Template,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """Write to a draft beside `path`, then replace: equal arguments give equal bytes.

    `created` (aware) is stored as the time of creation and of the last change. Instants are shown in
    `zone`, or in their own. Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    findings = Findings()
    data = template.read()
    package = TemplatePackage(template.name, data)
    filler = Filler(package, template.values, findings, zone)
    rows = filler.fill()
    package.settle()
    content = content_sha256(package.parts)
    date_book(package, created, template.title)
    if about is not None:
        made_from = f"Filled into the template {template.name}, SHA-256 {sha256(data).hexdigest()}"
        notes = [made_from, *(str(finding) for finding in findings.all())]
        add_about(package, filler.styles, about, template.title, notes)
    with draft_of(path) as draft:
        package.write(draft)
        size, digest = draft.stat().st_size, sha256_of(draft)
    return Written(size, digest, content, rows, findings.all())


def content_sha256(parts: Mapping[str, bytes]) -> str:
    """Return the hash of every part but the one that says who made the file and when."""
    whole = sha256()
    for name, data in parts.items():
        if not name.startswith("docProps/"):
            whole.update(f"\x1c{name}\x1d{len(data)}\x1d".encode() + data)
    return whole.hexdigest()
