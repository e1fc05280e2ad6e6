"""What an author returns: a workbook of sheets, as a frozen value. Knows no Excel library."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.blocks import check_name
from reports.charted import check_charts
from reports.errors import BadBlock, BadTitle, NoSheets
from reports.frames import column_names
from reports.preflight import Finding, Preflight
from reports.sheet import Sheet
from reports.sheet_names import check_sheets, repaired_names
from reports.text import fault_in_text, utf16_length

MAX_TITLE = 255  # characters, as Excel's own dialog of properties takes
LONGEST_HEADLINE = 250  # characters: more is no line that is read at a glance
REFERENCE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<bare>[^'!]+))!(?P<cells>[$A-Za-z0-9:]+)")
CELLS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@dataclass(frozen=True)
class Properties:
    """What a file manager shows of the file; the title is the workbook's own."""

    author: str = "Presstime"
    subject: str | None = None
    keywords: str | None = None
    category: str | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        for text in (self.author, self.subject, self.keywords, self.category, self.description):
            if text is not None:
                check_title(text)


@dataclass(frozen=True, eq=False, init=False)
class Workbook:
    """One file: sheets in this order, and a title for its properties and page footers.

    `headline` is what the report says, in one line. With it the first sheet begins with a title block: the title,
    the period, the headline, and what changed if a table has `changes`, each in a row, and then a blank one.
    `names` are names for ranges (`{"rates": "Rates!B2:B9"}`). `preflight` says what is done about content
    that a workbook cannot hold as it is.
    """

    sheets: tuple[Sheet, ...]
    title: str | None
    headline: str | None
    properties: Properties
    names: Mapping[str, str]
    preflight: Preflight
    repaired: tuple[Finding, ...]  # sheets that were renamed on the way in

    def __init__(
        self,
        *sheets: Sheet,
        title: str | None = None,
        headline: str | None = None,
        properties: Properties | None = None,
        names: Mapping[str, str] | None = None,
        preflight: Preflight | None = None,
    ) -> None:
        if not sheets:
            raise NoSheets
        if title is not None:
            check_title(title)
        if headline is not None:
            _check_headline(headline)
        preflight = preflight or Preflight()
        named, repaired = repaired_names(sheets) if preflight.sheet_names == "repair" else (sheets, ())
        check_sheets(named)
        check_charts(named)
        for sheet in named:
            for table in sheet.tables:
                column_names(sheet.name, table.frame, repeated=preflight.duplicate_columns == "number")
        object.__setattr__(self, "sheets", named)
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "headline", headline)
        object.__setattr__(self, "properties", properties or Properties())
        object.__setattr__(self, "names", _names(names or {}, named))
        object.__setattr__(self, "preflight", preflight)
        object.__setattr__(self, "repaired", repaired)


def check_title(title: str) -> None:
    if utf16_length(title) > MAX_TITLE:
        raise BadTitle(title, f"it has {utf16_length(title)} characters; give it at most {MAX_TITLE}")
    if fault := fault_in_text(title):
        raise BadTitle(title, fault)


def _check_headline(headline: str) -> None:
    reason = fault_in_text(headline)
    if not headline.strip() or "\n" in headline or len(headline) > LONGEST_HEADLINE:
        reason = f"it is one line of 1 to {LONGEST_HEADLINE} characters; what else there is to say goes into a Text"
    if reason:
        raise BadBlock("Workbook(headline=)", headline[:60], reason)


def _names(given: Mapping[str, str], sheets: Sequence[Sheet]) -> dict[str, str]:
    """Each name with its range in the form that the file wants: `'By day'!$A$1:$B$9`."""
    taken: dict[str, str] = {}
    named = [table for sheet in sheets for table in sheet.tables]
    for name in (*given, *(one for table in named for one in (table.name, table.excel_table) if one)):
        check_name(name)
        if other := taken.get(name.casefold()):
            raise BadBlock("name", name, f"{other!r} is a name of this workbook already; Excel ignores case")
        taken[name.casefold()] = name
    return {name: _absolute(name, reference, sheets) for name, reference in given.items()}


def _absolute(name: str, reference: str, sheets: Sequence[Sheet]) -> str:
    found = REFERENCE.fullmatch(reference)
    cells = CELLS.fullmatch(found["cells"]) if found else None
    if found is None or cells is None:
        raise BadBlock(f"names[{name!r}]", reference, "write it as Sheet!A1 or 'My sheet'!A1:B9")
    sheet = found["quoted"].replace("''", "'") if found["quoted"] else found["bare"]
    if sheet not in {one.name for one in sheets}:
        raise BadBlock(f"names[{name!r}]", reference, f"the workbook has no sheet {sheet!r}")
    corners = [f"${cells[1].upper()}${cells[2]}", f"${cells[3].upper()}${cells[4]}" if cells[3] else None]
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!" + ":".join(corner for corner in corners if corner)
