"""Changes the parts of a package that hang on a sheet: its XML around the rows, tables, drawings, comments."""

from lxml import etree

from reports.filling.book import pivot_follows
from reports.filling.boxes import Box, box
from reports.filling.cells import Tags
from reports.filling.drawings import (
    CHARTS,
    anchors_follow,
    chart_follows,
    comments_follow,
    links_follow,
    shapes_follow,
    threads_follow,
)
from reports.filling.formulas import Formulas, Here
from reports.filling.package import DECLARATION, TemplatePackage, children, local, main
from reports.filling.plan import FillingPlan
from reports.filling.scopes import Mover
from reports.filling.sheets import TemplateSheet
from reports.filling.surroundings import Surroundings, mark_rules
from reports.filling.tables import table_follows


class Parts:
    def __init__(self, package: TemplatePackage, formulas: Formulas, stale: set[str]) -> None:
        self._package, self._formulas, self._stale = package, formulas, stale

    def tags(self, sheet: TemplateSheet) -> Tags:
        prefix = self._package.parsed(sheet.part).prefix
        return Tags(f"{prefix}:" if prefix else "")

    def around(self, sheet: TemplateSheet, mover: Mover) -> None:
        """Merged cells, rules, links, sparklines, and all else in the sheet's own part but its rows."""
        root = self._package.parsed(sheet.part)
        mark_rules(root)
        around = Surroundings(self._package.template, mover, self._formulas)
        around.follow(root)
        controls = bool(mover.root.repeats) and anchors_follow(root, mover)
        if around.changed or controls:
            self._package.tree(sheet.part)

    def put_rows(self, sheet: TemplateSheet, plan: FillingPlan, rows: str) -> None:
        root = self._package.tree(sheet.part)
        self._measure(root, plan)
        data = root.find(main("sheetData"))
        for child in list(data):
            data.remove(child)
        data.text = None
        name = f"{self.tags(sheet).prefix}sheetData"
        text = etree.tostring(root).decode()
        before, after = text.split(f"<{name}/>", 1)
        self._package.put(sheet.part, DECLARATION + f"{before}<{name}>{rows}</{name}>{after}".encode())

    def beside(self, sheet: TemplateSheet, mover: Mover) -> None:
        """Parts that the sheet refers to."""
        package = self._package
        for part in package.related(sheet.part, "table"):
            if table_follows(package.parsed(part), mover, self._formulas):
                package.tree(part)
        for part in package.related(sheet.part, "ctrlProp"):
            self._control(part, sheet)
        for region in sheet.regions:
            if region.table:
                self._stay_filled(region.table.part)
        for part in package.related(sheet.part, "drawing"):
            if links_follow(package.parsed(part), sheet.name, self._formulas):
                package.tree(part)
        if mover.root.repeats:
            self._notes(sheet, mover)

    def _notes(self, sheet: TemplateSheet, mover: Mover) -> None:
        """Drawings, comments and pivot tables."""
        package = self._package
        for part in package.related(sheet.part, "drawing"):
            if anchors_follow(package.parsed(part), mover):
                package.tree(part)
        went: dict[tuple[int, int], list[Box]] = {}
        for part in package.related(sheet.part, "comments"):
            went |= comments_follow(package, part, mover)
        for part in package.related(sheet.part, "threadedComment"):
            threads_follow(package, part, mover)
        for part in package.related(sheet.part, "vmlDrawing"):
            shapes_follow(package, part, mover, self._formulas, went)
        for part in package.related(sheet.part, "pivotTable"):
            pivot_follows(package, part, mover)

    def shared(self) -> None:
        for part in self._package.of_type(*CHARTS):
            chart_follows(self._package, part, self._formulas, self._stale)

    def _measure(self, root: etree._Element, plan: FillingPlan) -> None:
        """The sheet's extent, and how deep its rows are folded."""
        found = root.find(main("dimension"))
        held = box(found.get("ref", "")) if found is not None else None
        ends = [(row.number, row.source.cells[-1].column) for row in plan.rows if row.source.cells]
        if found is not None and held is not None and ends:
            right = max(held.right, *(column for _, column in ends))
            found.set("ref", str(Box(min(held.top, ends[0][0]), held.left, ends[-1][0], right)))
        deepest = max((row.outline for row in plan.rows), default=0)
        for format_ in children(root, "sheetFormatPr"):
            if deepest:
                known = int(format_.get("outlineLevelRow", "0"))
                format_.set("outlineLevelRow", str(max(deepest, known)))

    def _control(self, part: str, sheet: TemplateSheet) -> None:
        root = self._package.parsed(part)
        for name in ("fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup"):
            if text := root.get(name):
                moved = self._formulas.moved(text, Here(sheet.name))
                if moved != text:
                    self._package.tree(part).set(name, moved)

    def _stay_filled(self, table: str) -> None:
        """A table that asks a database on opening would lose what was filled in."""
        for part in self._package.related(table, "queryTable"):
            root = self._package.tree(part)
            root.attrib.pop("refreshOnLoad", None)
            for connections in self._package.related(self._package.workbook, "connections"):
                for one in self._package.tree(connections):
                    if local(one) == "connection" and one.get("id") == root.get("connectionId"):
                        one.attrib.pop("refreshOnLoad", None)
