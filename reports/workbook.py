"""What an author returns: a workbook of sheets of frames, as a frozen value. Knows no Excel library."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.errors import BadColumn, BadSheetName, BadTitle, NoSheets, UnknownColumn
from reports.formats import format_code
from reports.frames import Frame, column_names
from reports.text import fault_in_text, utf16_length

MAX_SHEET_NAME = 31  # UTF-16 units (Microsoft, "Excel specifications and limits")
MAX_WIDTH = 255  # characters, the same page
MAX_TITLE = 255  # characters, as Excel's own dialog of properties takes
ILLEGAL_IN_SHEET_NAME = "[]:*?/\\"
ABOUT = "About"  # the sheet that the writer adds
RESERVED = {
    ABOUT.lower(): "the writer adds a sheet of this name, saying where the figures came from; rename yours",
    "history": "Excel keeps this name for itself; rename the sheet",
}


@dataclass(frozen=True)
class Column:
    """How one column looks where its type does not say enough.

    `format` is a name (`percent`, `integer`, `plain`, `decimal`, `date`, `datetime`, `time`, `duration`,
    `text`) or an Excel format code such as `0.0%`. It changes what is shown, never the value.
    `width` is in characters. `as_text` writes values as text, so that numbers of more than 15 digits
    keep every digit; Excel will not calculate with them.
    """

    header: str | None = None
    format: str | None = None
    width: float | None = None
    as_text: bool = False

    def __post_init__(self) -> None:
        if self.format is not None:
            format_code(self.format)
        if self.width is not None and not 0 < self.width <= MAX_WIDTH:
            raise BadColumn("width", self.width, f"a width is more than 0 and at most {MAX_WIDTH} characters")
        if self.header is not None and (fault := fault_in_text(self.header)):
            raise BadColumn("header", self.header, fault)


@dataclass(frozen=True, eq=False)  # frames have no single truth of equality
class Sheet:
    """A frame on a sheet of its own. `freeze` keeps the header in view, `filter` gives it drop-downs.

    The frame is read when the workbook is written, so it must not be changed after it was handed over.
    """

    name: str
    frame: Frame
    columns: Mapping[str, Column] = field(default_factory=dict, kw_only=True)
    freeze: bool = field(default=True, kw_only=True)
    filter: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        check_sheet_name(self.name)
        known = column_names(self.name, self.frame)
        for column in self.columns:
            if column not in known:
                raise UnknownColumn(self.name, column, known)
        object.__setattr__(self, "columns", dict(self.columns))


@dataclass(frozen=True, eq=False, init=False)
class Workbook:
    """One Excel file: sheets in this order, and a title for its properties and page footers."""

    sheets: tuple[Sheet, ...]
    title: str | None

    def __init__(self, *sheets: Sheet, title: str | None = None) -> None:
        if not sheets:
            raise NoSheets
        names: dict[str, str] = {}
        for sheet in sheets:
            if other := names.get(sheet.name.casefold()):
                raise BadSheetName(
                    sheet.name, f"there is a sheet {other!r} already; Excel ignores case in names"
                )
            names[sheet.name.casefold()] = sheet.name
        if title is not None:
            check_title(title)
        object.__setattr__(self, "sheets", sheets)
        object.__setattr__(self, "title", title)


def check_sheet_name(name: str) -> None:
    if not name.strip():
        raise BadSheetName(name, "a sheet needs a name")
    if utf16_length(name) > MAX_SHEET_NAME:
        raise BadSheetName(
            name, f"the name has {utf16_length(name)} characters; Excel takes {MAX_SHEET_NAME}"
        )
    if found := [sign for sign in ILLEGAL_IN_SHEET_NAME if sign in name]:
        raise BadSheetName(
            name, f"Excel allows none of {ILLEGAL_IN_SHEET_NAME} in a name; remove {found[0]!r}"
        )
    if name.startswith("'") or name.endswith("'"):
        raise BadSheetName(name, "a name must not begin or end with an apostrophe")
    if fault := fault_in_text(name):
        raise BadSheetName(name, fault)
    if reason := RESERVED.get(name.casefold()):
        raise BadSheetName(name, reason)


def check_title(title: str) -> None:
    if utf16_length(title) > MAX_TITLE:
        raise BadTitle(title, f"it has {utf16_length(title)} characters; give it at most {MAX_TITLE}")
    if fault := fault_in_text(title):
        raise BadTitle(title, fault)
