"""Excel tables of a template: read, and made to follow their rows. Knows no cells."""

from typing import Any

from lxml import etree

from reports.filling.boxes import box
from reports.filling.formulas import Formulas, Here
from reports.filling.package import TemplatePackage, children, local
from reports.filling.regions import TemplateTable
from reports.filling.scopes import Mover


def table_part(package: TemplatePackage, part: str) -> TemplateTable:
    root = package.parsed(part)
    held = box(root.get("ref", ""))
    if held is None:
        raise package.refuse(part, "the table has no range")
    columns = [one for group in children(root, "tableColumns") for one in children(group, "tableColumn")]
    return TemplateTable(
        part,
        root.get("displayName") or root.get("name", ""),
        held,
        int(root.get("headerRowCount", "1")),
        int(root.get("totalsRowCount", "0")),
        tuple(one.get("name", "") for one in columns),
        frozenset(one.get("name", "") for one in columns if children(one, "calculatedColumnFormula")),
    )


def table_follows(root: Any, mover: Mover, formulas: Formulas) -> bool:
    """Its range, its filter and the formulas of its columns. Says if anything changed."""
    before = etree.tostring(root)
    for element in root.iter():
        name = local(element)
        if name in {"table", "autoFilter", "sortState", "sortCondition"} and mover.moves:
            if (held := box(element.get("ref", ""))) is not None:
                element.set("ref", str(mover.box(held) or held))
        elif name in {"calculatedColumnFormula", "totalsRowFormula"} and element.text:
            element.text = formulas.moved(element.text, Here(mover.sheet))
    return bool(etree.tostring(root) != before)
