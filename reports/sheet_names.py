"""Which names Excel takes for a sheet, what a name becomes when it may be repaired, and where links lead."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from reports.blocks import Link
from reports.charts import Chart
from reports.errors import BadBlock, BadSheetName, did_you_mean
from reports.preflight import Finding
from reports.sheet import Sheet
from reports.text import FORBIDDEN, fault_in_text, utf16_length

MAX_SHEET_NAME = 31  # UTF-16 units (Microsoft, "Excel specifications and limits")
ILLEGAL_IN_SHEET_NAME = "[]:*?/\\"
ABOUT = "About"  # the sheet that the writer adds
CHANGES = "Changes"  # one that it adds where tables are compared
THE_WRITERS = "the writer adds a sheet of this name, {what}; rename yours"
RESERVED = {
    ABOUT.lower(): THE_WRITERS.format(what="saying where the figures came from"),
    "history": "Excel keeps this name for itself; rename the sheet",
}


def check_sheets(sheets: Sequence[Sheet]) -> None:
    """Raises BadSheetName for a name that Excel refuses, or has already; BadBlock for a link to nowhere."""
    names: dict[str, str] = {}
    compared = has_changes(sheets)
    for sheet in sheets:
        check_sheet_name(sheet.name)
        if compared and sheet.name.casefold() == CHANGES.casefold():
            raise BadSheetName(sheet.name, THE_WRITERS.format(what="listing what changed"))
        if other := names.get(sheet.name.casefold()):
            raise BadSheetName(sheet.name, f"there is a sheet {other!r} already; Excel ignores case in names")
        names[sheet.name.casefold()] = sheet.name
    targets = [*names.values(), *([CHANGES] if compared else []), ABOUT]
    for link in (block for sheet in sheets for block in sheet.blocks if isinstance(block, Link)):
        if not link.leads_outside and link.to not in targets:
            raise BadBlock(
                f"Link({link.text!r}, to=)",
                link.to,
                f"it is no address, and no sheet of the workbook{did_you_mean(link.to, targets)}",
            )


def has_changes(sheets: Sequence[Sheet]) -> bool:
    """Whether some table is to be compared, so that the workbook gets a sheet Changes."""
    return any(table.changes is not None for sheet in sheets for table in sheet.tables)


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


def repaired_names(sheets: Sequence[Sheet]) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """The sheets under names that Excel takes, and what was changed. Links and charts follow their sheets."""
    taken = {*RESERVED, *([CHANGES.casefold()] if has_changes(sheets) else [])}
    named: list[Sheet] = []
    findings = []
    for sheet in sheets:
        name = free_name(sheet.name, taken)
        taken.add(name.casefold())
        named.append(renamed(sheet, name))
        if name != sheet.name:
            said = f"its name was {sheet.name!r}, which Excel does not take"
            findings.append(Finding("sheet_names", name, None, 1, None, said))
    new = {old.name: now.name for old, now in zip(reversed(sheets), reversed(named), strict=True)}
    return tuple(_follow(sheet, new) for sheet in named), tuple(findings)


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted` without what Excel refuses, cut to its length, and numbered where it is taken."""
    legal = FORBIDDEN.sub("", wanted)
    for sign in ILLEGAL_IN_SHEET_NAME:
        legal = legal.replace(sign, "-")
    legal = legal.strip("' ") or "Sheet"
    name, number = _cut(legal, MAX_SHEET_NAME), 1
    while name.casefold() in taken:
        number += 1
        ending = f" ({number})"
        name = _cut(legal, MAX_SHEET_NAME - len(ending)) + ending
    return name


def renamed(sheet: Sheet, name: str) -> Sheet:
    other = copy(sheet)
    object.__setattr__(other, "name", name)
    return other


def _follow(sheet: Sheet, new: dict[str, str]) -> Sheet:
    def followed(block: object) -> object:
        if isinstance(block, Link) and not block.leads_outside:
            return Link(block.text, new.get(block.to, block.to), block.cell)
        if isinstance(block, Chart) and block.of is not None:
            return replace(block, of=new.get(block.of, block.of))
        return block

    other = copy(sheet)
    object.__setattr__(other, "blocks", tuple(followed(block) for block in sheet.blocks))
    return other


def _cut(text: str, units: int) -> str:
    while utf16_length(text) > units:
        text = text[:-1]
    return text.rstrip("' ")
