"""Writes a workbook as one .html page that needs nothing else: no script, no other file, no network."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.about import About
from reports.comparing.words import summary
from reports.files.pages.parts import MOST_ROWS, cell_attributes, keeps_first, kind, sentence, tone
from reports.pictures.colours import ON_DARK
from reports.pictures.draw import drawn_svg
from reports.preflight import Finding, Findings
from reports.views.about import about_tables
from reports.views.book import ShownBook, ShownChart, without_changes
from reports.views.build import shown_book
from reports.views.groups import bodies
from reports.views.head import head_rows, outermost
from reports.views.table import Picture
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

TEMPLATES = Environment(
    loader=PackageLoader("reports.files", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
TEMPLATES.filters["sentence"] = sentence


def write_html(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """At most MOST_ROWS rows of a table are shown; the page says how many there are, and so does a finding.

    Charts are SVG. Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    findings = Findings()
    book = shown_book(workbook, findings, zone, MOST_ROWS, about)
    properties = _properties(workbook)
    sheets = _sheets(book)
    figures = _sheets(without_changes(book)) if book.compared else sheets
    content = f"{workbook.title}\n{workbook.headline}\n{properties}\n{figures}".encode()
    found: tuple[Finding, ...] = (*workbook.repaired, *findings.all())
    tail = _tail(about, created, [str(one) for one in found])
    page = (_top(book, properties) + sheets + tail).encode()
    with draft_of(path) as draft:
        draft.write_bytes(page)
    digests = sha256(page).hexdigest(), sha256(content).hexdigest()
    return Written(len(page), *digests, book.rows, found, summary(book.compared))


def _top(book: ShownBook, properties: Sequence[tuple[str, str]]) -> str:
    """Down to the title block, which has the period: that is no content, as all that About says is none."""
    style = Markup(_style())  # noqa: S704 # our own
    return TEMPLATES.get_template("top.html.j2").render(book=book, style=style, properties=properties)


def _sheets(book: ShownBook) -> str:
    known: dict[str, Any] = {
        "book": book,
        "picture": _picture,
        "small": _small,
        "kind": kind,
        "keeps_first": keeps_first,
        "look": cell_attributes,
        "tone": tone,
        "bodies": bodies,
        "head_rows": head_rows,
        "outermost": outermost,
    }
    return TEMPLATES.get_template("page.html.j2").render(known)


def _tail(about: About | None, created: datetime, findings: Sequence[str]) -> str:
    tables = about_tables(about, findings) if about else []
    return TEMPLATES.get_template("about.html.j2").render(
        about=tables, findings=findings, created=created.astimezone(UTC)
    )


def _style() -> str:
    source = Path(__file__).with_name("pages") / "page.css"
    dark = TEMPLATES.get_template("dark.css.j2").render(colours=ON_DARK)
    return source.read_text(encoding="utf-8") + dark


def _picture(part: ShownChart) -> Markup:
    return Markup(drawn_svg(part.chart, part.table))  # noqa: S704 # its texts are escaped where it is drawn


def _small(picture: Picture) -> Markup:
    return Markup(picture.svg)  # noqa: S704 # as above


def _properties(workbook: Workbook) -> list[tuple[str, str]]:
    given = workbook.properties
    named = [("author", given.author), ("description", given.description), ("keywords", given.keywords)]
    return [(name, value) for name, value in named if value]
