"""Fills a template's package: finds what is to be filled, plans the rows of each sheet, then changes the parts."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from reports.excel.letters import cell_name, column_letter
from reports.excel.values import Unwritable
from reports.filling.beside import fill_beside, stands_beside
from reports.filling.book import calculates_on_load, calculation_chain, names_follow, pivots_follow
from reports.filling.captions import Captions
from reports.filling.expressions import PLACEHOLDER, Expressions, Unfillable
from reports.filling.formulas import Formulas, Unmovable
from reports.filling.makers import is_whole, pieces_of
from reports.filling.package import TemplatePackage
from reports.filling.parts import Parts
from reports.filling.plan import FillingPlan, FrameColumns, Level, Planner, Unsortable
from reports.filling.records import columns, is_rows, records
from reports.filling.regions import Region, check_used
from reports.filling.scopes import Mover
from reports.filling.sheet_rows import SheetRows
from reports.filling.sheets import (
    TemplateSheet,
    check_headers,
    find_regions,
    frame_columns,
    known_names,
    sheet_order,
    template_sheets,
)
from reports.filling.stale import stale_sheets
from reports.filling.styles import CellStyles
from reports.filling.values import ValueWriter, text_within
from reports.preflight import Findings

UNFILLED = "comments with placeholders, which are not filled there: {count}"


class Filler:
    def __init__(
        self,
        package: TemplatePackage,
        values: Mapping[str, object],
        findings: Findings,
        zone: ZoneInfo | None,
    ) -> None:
        self._package, self._values = package, values
        self._findings, self._zone = findings, zone
        self._expressions = Expressions()
        self.styles = CellStyles(package)
        self._sheets = template_sheets(package)
        self._regions = find_regions(package, self._sheets, values)
        self._records: dict[str, list[Mapping[str, Any]]] = {}

    def fill(self) -> dict[str, int]:
        """Returns the number of records on each sheet."""
        for sheet in self._sheets:
            check_headers(self._package.template, sheet)
        plans = {sheet.name: self._plan(sheet) for sheet in self._sheets}
        movers = {
            name.casefold(): Mover(name, plan.root, tuple(plan.resizes)) for name, plan in plans.items()
        }
        formulas = Formulas(movers, sheet_order(self._package))
        stale = stale_sheets(self._sheets)
        Captions(self._package, self._values, self._expressions, self._zone).fill()
        chain: dict[str, list[str]] = {}
        parts = Parts(self._package, formulas, stale)
        for sheet in self._sheets:
            mover = movers[sheet.name.casefold()]
            try:
                parts.around(sheet, mover)
                if sheet.name.casefold() in stale:
                    chain[sheet.number] = self._write_rows(sheet, plans[sheet.name], formulas, parts)
                parts.beside(sheet, mover)
            except Unmovable as error:
                raise self._package.refuse(f"sheet {sheet.name!r}", str(error)) from error
        parts.shared()
        names_follow(self._package, formulas)
        if stale:
            pivots_follow(self._package, formulas)
            calculates_on_load(self._package)
            calculation_chain(self._package, chain)
        self._check_values()
        self._note_unfilled()
        return {name: plan.counted for name, plan in plans.items() if plan.counted}

    def _plan(self, sheet: TemplateSheet) -> FillingPlan:
        frames: dict[int, FrameColumns] = {}
        beside: list[Region] = []
        for region in sheet.regions:
            if not region.pattern:
                frames[id(region)] = frame = self._frame(region, sheet)
                if stands_beside(region, sheet, frame.count):
                    beside.append(region)
        template = self._package.template
        resizes = [fill_beside(template, region, sheet, frames[id(region)]) for region in beside]
        planner = Planner(
            sheet.name, sheet.rows, self._rows_of, self._key, lambda value: text_within(value, self._zone)
        )
        planner.frames = frames
        try:
            plan = planner.plan([region for region in sheet.regions if region not in beside], self._values)
        except (Unsortable, Unwritable) as error:
            column = f", column {column_letter(error.column)}" if isinstance(error, Unsortable) else ""
            raise self._package.refuse(f"sheet {sheet.name!r}{column}", str(error)) from error
        plan.resizes = resizes
        plan.counted += sum(frames[id(region)].count for region in beside)
        return plan

    def _frame(self, region: Region, sheet: TemplateSheet) -> FrameColumns:
        given = columns(region.name, self._values[region.key])
        if not given:  # an empty list of records tells no columns
            return FrameColumns(0, {})
        places = frame_columns(self._package.template, region, sheet, given)
        return FrameColumns(max(map(len, given.values()), default=0), places)

    def _rows_of(self, region: Region, level: Level) -> list[Mapping[str, Any]]:
        """A region's records: of `values`, or of the record around it."""
        if level.region is None:
            if region.key not in self._records:
                self._records[region.key] = records(region.name, self._values[region.key])
            return self._records[region.key]
        item = level.context["item"]
        place = f"name {region.name!r}"
        if region.key not in item:
            raise self._package.refuse(
                place, f"record {level.nth + 1} of {level.region.key!r} has no {region.key!r}"
            )
        found = item[region.key]
        if found is None:
            return []
        if not is_rows(found):
            raise self._package.refuse(
                place, f"{region.key!r} of a record is a {type(found).__name__}, not a list"
            )
        return records(region.name, found)

    def _key(self, region: Region, column: int, level: Level) -> object:
        """What the record has in a column that sorts or groups."""
        sheet = next(one for one in self._sheets if one.name == region.sheet)
        place = f"sheet {region.sheet!r}, cell {cell_name(region.options or 0, column)}"
        for row in sheet.rows:
            if region.box.top <= row.number <= region.bottom:
                for cell in row.cells:
                    if cell.column == column and is_whole(cell.text or ""):
                        try:
                            return self._expressions.value(
                                pieces_of((cell.text or "").strip())[0][0], level.context
                            )
                        except Unfillable as error:
                            raise self._package.refuse(place, str(error)) from error
        raise self._package.refuse(
            place, "there is no placeholder alone in a cell above it to sort or group by"
        )

    def _write_rows(
        self, sheet: TemplateSheet, plan: FillingPlan, formulas: Formulas, parts: Parts
    ) -> list[str]:
        tags = parts.tags(sheet)
        writer = ValueWriter(sheet.name, tags, self.styles, self._findings, zone=self._zone)
        rows = SheetRows(
            self._package.template,
            plan,
            formulas=formulas,
            expressions=self._expressions,
            writer=writer,
            zone=self._zone,
        )
        try:
            text = "".join(rows.xml())
        except Unwritable as error:
            raise self._package.refuse(f"sheet {sheet.name!r}", str(error)) from error
        parts.put_rows(sheet, plan, text)
        return rows.formula_cells

    def _check_values(self) -> None:
        """Rows without a place are an error; other values that nothing mentions are noted."""
        used = {region.key for region in self._regions}
        rows = [name for name, value in self._values.items() if is_rows(value)]
        known = known_names(self._package, self._sheets)
        check_used(self._package.template, rows, used, self._expressions.mentioned, known)
        for name in self._values:
            if name not in rows and name not in self._expressions.mentioned and self._sheets:
                self._findings.add(
                    "unused_value", self._sheets[0].name, f"the template does not mention the value {name!r}"
                )

    def _note_unfilled(self) -> None:
        """Placeholders where nothing is filled in are told, for they can be read on the page."""
        package = self._package
        for sheet in self._sheets:
            for part in package.related(sheet.part, "comments"):
                for comment in package.parsed(part).iter("{*}comment"):
                    if PLACEHOLDER.search("".join(comment.itertext())):
                        self._findings.add("unfilled", sheet.name, UNFILLED)
