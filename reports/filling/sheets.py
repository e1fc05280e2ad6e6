"""The worksheets of a template, with what is to be filled on each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.errors import did_you_mean
from reports.filling.boxes import Box, box
from reports.filling.cells import SharedText, SourceRow, source_rows, unescaped
from reports.filling.expressions import PLACEHOLDER
from reports.filling.formulas import unquoted
from reports.filling.makers import FORMULA_MARK, is_filled
from reports.filling.package import RELATION_ID, TemplatePackage, children
from reports.filling.records import is_rows
from reports.filling.regions import Region, RegionReader, TemplateTable, nested
from reports.filling.tables import table_part
from reports.template import BadTemplate


@dataclass(eq=False)
class TemplateSheet:
    """`number` is what the order of calculation calls it."""

    name: str
    part: str
    number: str
    tables: list[TemplateTable]
    rows: list[SourceRow] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    filled: bool = False  # has a placeholder, or a range that is filled
    formulas: bool = False


def sheet_order(package: TemplatePackage) -> list[str]:
    """The names of all sheets, chart sheets too."""
    return [
        sheet.get("name", "")
        for group in children(package.parsed(package.workbook), "sheets")
        for sheet in group
    ]


def template_sheets(package: TemplatePackage) -> list[TemplateSheet]:
    relations = {one.id: one for one in package.relations(package.workbook)}
    strings = next(iter(package.related(package.workbook, "sharedStrings")), None)
    root = package.parsed(strings) if strings else None
    shared = SharedText(root)
    found = []
    for group in children(package.parsed(package.workbook), "sheets"):
        for element in group:
            relation = relations.get(element.get(RELATION_ID, ""))
            if relation is not None and relation.kind == "worksheet":
                package.check_root(relation.target, "worksheet")
                tables = [table_part(package, part) for part in package.related(relation.target, "table")]
                sheet = TemplateSheet(
                    element.get("name", ""), relation.target, element.get("sheetId", "1"), tables
                )
                sheet.rows = _rows(package, relation.target, shared)
                cells = [cell for row in sheet.rows for cell in row.cells]
                _keep_pivots(package, sheet)
                sheet.filled = any((cell.text or cell.formula) and is_filled(cell) for cell in cells)
                sheet.formulas = any(cell.formula for cell in cells)
                found.append(sheet)
    return found


def _rows(package: TemplatePackage, part: str, shared: SharedText) -> list[SourceRow]:
    try:
        return source_rows(package.parsed(part), shared)
    except (IndexError, ValueError) as error:  # a text that is not there, a number that is none
        raise package.refuse(
            part, f"a cell of it cannot be read ({error}); open the file in Excel and save it"
        ) from error


def _keep_pivots(package: TemplatePackage, sheet: TemplateSheet) -> None:
    """What a pivot table shows is Excel's own, even where its source has placeholders."""
    for part in package.related(sheet.part, "pivotTable"):
        for location in package.parsed(part).iter("{*}location"):
            if (held := box(location.get("ref", ""))) is not None:
                for row in sheet.rows:
                    for cell in row.cells:
                        cell.kept |= held.holds(Box(row.number, cell.column, row.number, cell.column))


def find_regions(
    package: TemplatePackage, sheets: Sequence[TemplateSheet], values: Mapping[str, object]
) -> list[Region]:
    """The ranges that `values` has rows for, and those within them. Raises BadTemplate for one that is nowhere."""
    by_name = {sheet.name.casefold(): sheet for sheet in sheets}
    named = {one.name: one for one in _named(package, by_name)}
    wanted = {name for name, value in values.items() if is_rows(value)}
    _check_wanted(package, values, wanted, named)
    found = [region for name, region in named.items() if name in wanted]
    for sheet in sheets:
        found += [
            Region(table.name, table.name, sheet.name, table.body, table)
            for table in sheet.tables
            if table.name in wanted and table.name not in named
        ]
    found += [
        one
        for name, one in named.items()
        if name not in wanted and any(_within(one, outer) for outer in found)
    ]
    for region in found:
        _match_table(region, by_name[region.sheet.casefold()])
        RegionReader(package.template, region.sheet, by_name[region.sheet.casefold()].rows).read(region)
    roots = nested(package.template, found)
    for root in roots:
        _key_inner(root)
        sheet = by_name[root.sheet.casefold()]
        sheet.regions.append(root)
        sheet.filled = True
    return roots


def _check_wanted(
    package: TemplatePackage, values: Mapping[str, object], wanted: set[str], named: Mapping[str, Region]
) -> None:
    for element in _defined(package):
        name = element.get("name", "")
        if name in wanted and name not in named:
            raise package.refuse(
                f"name {name!r}",
                f"it stands for {element.text}, which is no single range of a worksheet; mend it",
            )
        if name in named and isinstance(values.get(name), list | tuple) and name not in wanted:
            raise package.refuse(
                f"name {name!r}", "its rows are no mappings; give a frame, or a list of mappings"
            )


def known_names(package: TemplatePackage, sheets: Sequence[TemplateSheet]) -> list[str]:
    names = [one.get("name", "") for one in _defined(package) if not one.get("name", "").startswith("_xlnm.")]
    return [*names, *(table.name for sheet in sheets for table in sheet.tables)]


def _defined(package: TemplatePackage) -> Iterator[Any]:
    for group in children(package.parsed(package.workbook), "definedNames"):
        yield from group


def _named(package: TemplatePackage, sheets: Mapping[str, TemplateSheet]) -> Iterator[Region]:
    """Names that stand for one range of a worksheet."""
    for element in _defined(package):
        sheet, bang, cells = (element.text or "").rpartition("!")
        held = box(cells) if bang else None
        plain = unquoted(sheet)
        name = element.get("name", "")
        if held is not None and plain.casefold() in sheets and not name.startswith("_xlnm."):
            yield Region(name, name, sheets[plain.casefold()].name, held)


def _within(one: Region, outer: Region) -> bool:
    inside = one.sheet == outer.sheet and outer.box.holds(one.box) and one.box != outer.box
    return inside and one.name.startswith(f"{outer.name}_")


def _match_table(region: Region, sheet: TemplateSheet) -> None:
    """A name over the body of a table, or all of it, means the table."""
    for table in sheet.tables:
        if region.table is None and region.box in (table.box, table.body):
            region.table, region.box = table, table.body


def _key_inner(outer: Region) -> None:
    for inner in outer.inner:
        inner.key = inner.name.removeprefix(f"{outer.name}_")
        _key_inner(inner)


def check_headers(template: str, sheet: TemplateSheet) -> None:
    """An Excel table is broken where its header changes without its columns."""
    rows = {row.number: row for row in sheet.rows}
    for table in sheet.tables:
        header = rows.get(table.box.top) if table.headers else None
        for cell in header.cells if header else ():
            inside = table.box.left <= cell.column <= table.box.right
            if inside and (PLACEHOLDER.search(cell.text or "") or (cell.text or "").startswith(FORMULA_MARK)):
                raise BadTemplate(
                    template,
                    f"sheet {sheet.name!r}, table {table.name!r}",
                    f"its header {cell.text!r} has a placeholder; a table's headers cannot be filled",
                )


def frame_columns(
    template: str, region: Region, sheet: TemplateSheet, given: Mapping[str, list[object]]
) -> dict[int, list[object]]:
    """The frame's columns by the sheet's: by header in a table, else in their order."""
    first = next((row for row in sheet.rows if row.number == region.box.top), None)
    calculated = {cell.column for cell in first.cells if cell.formula} if first else set()
    free = list(range(region.box.left, region.box.right + 1))
    if region.table is None or not region.table.headers:
        return _by_order(template, region, given, [column for column in free if column not in calculated])
    headers = dict(zip(map(unescaped, region.table.columns), free, strict=False))
    own = {unescaped(name) for name in region.table.calculated}
    places = {
        name: column for name, column in headers.items() if column not in calculated and name not in own
    }
    told = f"table {region.table.name!r}"
    for name in given:
        if name not in places:
            why = "is calculated by the table" if name in headers else "is none of the table's"
            raise BadTemplate(
                template, told, f"the frame's column {name!r} {why}{did_you_mean(name, list(places))}"
            )
    if missing := [name for name in places if name not in given]:
        raise BadTemplate(
            template,
            told,
            f"the frame lacks the column {', '.join(map(repr, missing))}; give it, if only with None",
        )
    return {places[name]: values for name, values in given.items()}


def _by_order(
    template: str, region: Region, given: Mapping[str, list[object]], free: list[int]
) -> dict[int, list[object]]:
    if len(given) != len(free):
        raise BadTemplate(
            template,
            f"name {region.name!r}",
            f"its range has {len(free)} columns to fill, and the frame {len(given)} "
            f"({', '.join(given)}); select or add some",
        )
    return dict(zip(free, given.values(), strict=True))
