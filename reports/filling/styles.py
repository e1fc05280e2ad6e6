"""Adds cell formats to a template's style sheet; those that are there keep their numbers."""

from copy import deepcopy
from typing import Any

from lxml import etree

from reports.filling.package import TemplatePackage, children, local, main
from reports.number_formats.formats import FIXED, NAMED, Kind

FIRST_OWN_FORMAT = 164  # below are Excel's own
GENERAL = "0"
ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")


class CellStyles:
    def __init__(self, package: TemplatePackage) -> None:
        found = list(package.related(package.workbook, "styles"))
        if not found:
            raise package.refuse(None, "it has no styles; open it in Excel and save it again")
        self._package, self._part = package, found[0]
        self._showing: dict[tuple[int, Kind], int] = {}

    def group(self, name: str) -> Any:
        """The list of fonts, of fills, ..., made where it is missing."""
        root = self._package.tree(self._part)
        if (found := root.find(main(name))) is None:
            found = etree.Element(main(name), count="0")
            before = sum(local(child) in ORDER[: ORDER.index(name)] for child in root)
            root.insert(before, found)
        return found

    def add(self, name: str, element: Any) -> int:
        """Append; returns its number."""
        group = self.group(name)
        group.append(element)
        group.set("count", str(len(group)))
        return len(group) - 1

    def format(self, code: str) -> str:
        """The number of a number format, which is added if it is not there."""
        group = self.group("numFmts")
        for one in children(group, "numFmt"):
            if one.get("formatCode") == code:
                return str(one.get("numFmtId"))
        numbers = [int(one.get("numFmtId")) for one in children(group, "numFmt")]
        number = str(max([FIRST_OWN_FORMAT - 1, *numbers]) + 1)
        self.add("numFmts", etree.Element(main("numFmt"), numFmtId=number, formatCode=code))
        return number

    def showing(self, style: int, kind: Kind) -> int:
        """The same format, with dates and times shown as such where it has no number format of its own."""
        if (style, kind) not in self._showing:
            self._showing[style, kind] = self._shown(style, kind)
        return self._showing[style, kind]

    def _shown(self, style: int, kind: Kind) -> int:
        styles = self._package.parsed(self._part).find(main("cellXfs"))
        if styles is None or style >= len(styles) or styles[style].get("numFmtId", GENERAL) != GENERAL:
            return style
        made = deepcopy(styles[style])
        made.set("numFmtId", self.format(FIXED.get(kind, NAMED["datetime"])))
        made.set("applyNumberFormat", "1")
        return self.add("cellXfs", made)
