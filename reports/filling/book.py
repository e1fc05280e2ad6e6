"""The workbook around its sheets: names, pivot tables, the order of calculation, who made it and when."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from reports.filling.boxes import box
from reports.filling.formulas import Formulas, Here, Unmovable
from reports.filling.package import TYPES, TemplatePackage, children, local, main, relations_of
from reports.filling.scopes import Mover

CORE = "application/vnd.openxmlformats-package.core-properties+xml"
CORE_SPACE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
DC = "http://purl.org/dc/elements/1.1/"
TERMS = "http://purl.org/dc/terms/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
AFTER_CALCULATION = [
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]


def names_follow(package: TemplatePackage, formulas: Formulas) -> None:
    if not formulas.movers:
        return
    for group in children(package.tree(package.workbook), "definedNames"):
        for name in group:
            if name.text:
                try:
                    name.text = formulas.moved(name.text, Here("", grows=True))
                except Unmovable as error:
                    raise package.refuse(f"name {name.get('name')!r}", str(error)) from error


def calculates_on_load(package: TemplatePackage) -> None:
    root = package.tree(package.workbook)
    found = children(root, "calcPr")
    if not found:
        found = [etree.Element(main("calcPr"))]
        place = next((n for n, one in enumerate(root) if local(one) in AFTER_CALCULATION), len(root))
        root.insert(place, found[0])
    found[0].set("fullCalcOnLoad", "1")


def calculation_chain(package: TemplatePackage, formulas: dict[str, list[str]]) -> None:
    """`formulas` has the cells of each rewritten sheet, by the sheet's number in the workbook."""
    for part in package.related(package.workbook, "calcChain"):
        root = package.tree(part)
        number = "1"
        for cell in list(root):
            number = cell.get("i", number)
            cell.set("i", number)
            if number in formulas:
                root.remove(cell)
        for number, cells in formulas.items():
            for name in cells:
                etree.SubElement(root, main("c"), r=name, i=number)
        if not len(root):
            _drop(package, part)


def _drop(package: TemplatePackage, part: str) -> None:
    """A chain without cells is one that Excel repairs."""
    package.settle()
    del package.parts[part]
    for root in (package.tree(TYPES), package.tree(relations_of(package.workbook))):
        for element in list(root):
            if element.get("PartName") == f"/{part}" or element.get("Type", "").endswith("/calcChain"):
                root.remove(element)


def pivots_follow(package: TemplatePackage, formulas: Formulas) -> None:
    """A pivot table's source grows with its rows, and Excel reads it anew on opening."""
    for part in package.of_type("pivotCacheDefinition+xml"):
        root = package.tree(part)
        root.set("refreshOnLoad", "1")
        for source in root.iter("{*}worksheetSource"):
            ref, sheet = source.get("ref"), source.get("sheet", "")
            mover = formulas.movers.get(sheet.casefold())
            held = box(ref or "")
            if held is not None and mover is not None:
                moved = mover.box(held)
                if moved is None:
                    raise package.refuse(f"pivot cache {part}", f"its source {sheet}!{ref} is gone")
                source.set("ref", str(moved))


def pivot_follows(package: TemplatePackage, part: str, mover: Mover) -> None:
    """A pivot table below filled rows moves; one within them is refused."""
    for location in package.tree(part).iter("{*}location"):
        held = box(location.get("ref", ""))
        if held is None:
            continue
        if any(repeat.box.shares_rows(held) for repeat in mover.root.repeats):
            raise package.refuse(
                f"sheet {mover.sheet!r}",
                f"the pivot table at {held} stands beside rows that are filled; move it "
                "below, above, or to another sheet",
            )
        location.set("ref", str(mover.box(held) or held))


def date_book(package: TemplatePackage, created: datetime, title: str | None) -> None:
    """Created and modified are `created`, so that equal values give equal bytes."""
    part = next(iter(package.related("", "core-properties")), None)
    if part is None:
        part = "docProps/core.xml"
        package.put(part, f'<cp:coreProperties xmlns:cp="{CORE_SPACE}"/>'.encode())
        package.declare(part, CORE)
        root = package.tree("_rels/.rels")
        kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
        etree.SubElement(root, root[0].tag, Id="rIdCore", Type=kind, Target=part)
    root = package.tree(part)
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in ("created", "modified"):
        element = _one(root, TERMS, name)
        element.text = moment
        element.set(f"{{{INSTANCE}}}type", _terms(element) + ":W3CDTF")
    if title is not None:
        _one(root, DC, "title").text = title


def _one(root: Any, space: str, name: str) -> Any:
    found = root.find(f"{{{space}}}{name}")
    prefixes = {TERMS: "dcterms", DC: "dc"}
    return (
        found
        if found is not None
        else etree.SubElement(root, f"{{{space}}}{name}", nsmap={prefixes[space]: space})
    )


def _terms(element: Any) -> str:
    return next(str(prefix) for prefix, uri in element.nsmap.items() if uri == TERMS and prefix)
