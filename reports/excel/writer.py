"""Write a workbook as an .xlsx file, whole or not at all. Knows nothing of runs, HTTP or the database."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from presstime.artifacts import sha256_of
from reports.about import About
from reports.blocks import Table
from reports.comparing.words import summary
from reports.excel.about_sheet import fill_about
from reports.excel.archive import SteadyZip
from reports.excel.deflate import Deflate
from reports.excel.inspection import Context
from reports.excel.layout import Layout
from reports.excel.letters import column_letter
from reports.excel.package import LiveBook, Package
from reports.excel.page import set_up_page
from reports.excel.sheet_plan import SheetPlan
from reports.excel.styles import Styles
from reports.excel.table_part import RowPath
from reports.excel.table_reading import TableReading
from reports.excel.theme import theme
from reports.preflight import Finding, Findings
from reports.sheet_names import ABOUT
from reports.title_block import title_block
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

FREEZE_WITHIN = 10  # rows: with a header further down, a small screen would show nothing else


def write_workbook(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
    deflate: Deflate = "small",
    row_path: RowPath = "auto",
) -> Written:
    """Write to a draft beside `path`, then replace: equal arguments give equal bytes.

    `created` (aware) is stored as the time of creation and of the last change. Instants are shown in
    `zone`, or in their own column's. `deflate` is `small` or, twice as fast and an eighth larger, `fast`.
    `row_path` says how rows are written, `columnar` or by `openpyxl`; `auto` takes the faster.
    Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    findings = Findings()
    book = _book(workbook, created)
    context = Context(workbook.preflight, findings, zone)
    layout = Layout(Styles(book), context, row_path, list(title_block(workbook, about)))
    sheets = _Sheets(book, workbook, layout, about)
    with draft_of(path) as draft:
        with SteadyZip(draft, deflate) as archive:
            Package(book, archive, sheets).write_data()
        size, digest = draft.stat().st_size, sha256_of(draft)
    content = content_sha256(workbook, layout.readings)
    changes = summary(layout.compared)
    return Written(size, digest, content, _rows(layout.readings), sheets.findings(), changes)


class _Sheets:
    """The sheets of a workbook, and what is known of each when its turn comes."""

    def __init__(self, book: LiveBook, workbook: Workbook, layout: Layout, about: About | None) -> None:
        self._book = book
        self._workbook = workbook
        self._layout = layout
        self._about = about
        self._plans: dict[str, SheetPlan] = {}
        for number, plan in enumerate(layout.plan(workbook.sheets)):
            self._set_up(book.create_sheet() if number else book.worksheets[0], plan)
        book.worksheets[0].sheet_view.tabSelected = True  # the sheet that opens
        if about is not None:
            book.create_sheet(ABOUT)

    def findings(self) -> tuple[Finding, ...]:
        """In the order of the sheets, which may have been written side by side."""
        order = {sheet.name: number for number, sheet in enumerate(self._workbook.sheets)}
        found = sorted(self._layout.context.findings.all(), key=lambda one: order[one.sheet])
        return (*self._workbook.repaired, *found)

    def plan_of(self, ws: Worksheet) -> SheetPlan | None:
        return self._plans.get(ws.title)

    def fill(self, ws: Worksheet) -> None:
        """About comes last, so that it says what was found on all sheets before it."""
        if self._about is not None:
            fill_about(ws, self._about, self._workbook.title, [str(finding) for finding in self.findings()])

    def follow(self, ws: Worksheet, plan: SheetPlan) -> None:
        if (following := self._layout.continuation(plan)) is not None:
            self._set_up(self._book.create_sheet(index=self._book.index(ws) + 1), following)

    def _set_up(self, ws: Worksheet, plan: SheetPlan) -> None:
        """Everything of a data sheet but its rows."""
        ws.title = plan.name
        self._plans[plan.name] = plan
        for place, width in plan.widths.items():
            ws.column_dimensions[column_letter(place)].width = width
        if plan.levels:
            ws.sheet_format.outlineLevelRow = plan.levels
        if plan.header is not None:
            if plan.sheet.freeze and plan.header <= FREEZE_WITHIN:
                ws.freeze_panes = f"A{plan.header + 1}"
            if plan.sheet.page.repeat_header:
                ws.print_title_rows = f"{plan.header - plan.sheet.tables[0].levels}:{plan.header}"
        set_up_page(ws, plan.width, self._workbook.title, plan.sheet.page, plan.spans)


def content_sha256(workbook: Workbook, readings: Sequence[TableReading]) -> str:
    """What a reader sees in the sheets: changes with any value, header, format, text or order."""
    whole = sha256()
    tables = {id(reading.table): reading for reading in readings}
    if workbook.headline is not None:
        whole.update(workbook.headline.encode())
    for sheet in workbook.sheets:
        whole.update(f"\x1c{sheet.name}\x1c{sheet.notes}".encode())
        for block in sheet.blocks:
            if (reading := tables.get(id(block))) is None:
                whole.update(f"\x1d{block!r}".encode())
            else:
                whole.update(b"\x1d" + b"".join(reading.digest()) + _besides(reading.table))
    return whole.hexdigest()


def _besides(table: Table) -> bytes:
    drawn = f"{table.all_charts or ''}{table.all_sparklines or ''}"
    return f"{dict(table.totals)!r}{drawn}{table.groups or ''}".encode()


def _rows(readings: Sequence[TableReading]) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for reading in readings:
        rows[reading.sheet] += reading.rows_read
    return dict(rows)


def _book(workbook: Workbook, created: datetime) -> LiveBook:
    book = LiveBook()
    book.loaded_theme = theme()
    given, properties = workbook.properties, book.properties
    properties.creator, properties.title = given.author, workbook.title
    properties.subject, properties.keywords = given.subject, given.keywords
    properties.category, properties.description = given.category, given.description
    properties.created = properties.modified = created.astimezone(UTC).replace(tzinfo=None)
    tables = {table.name: "" for sheet in workbook.sheets for table in sheet.tables if table.name}
    for name, reference in {
        **workbook.names,
        **tables,
    }.items():  # a table's place is known once it is written
        book.defined_names[name] = DefinedName(name, attr_text=reference)
    return book
