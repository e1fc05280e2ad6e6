"""What stands around the rows of a sheet (merged cells, conditional formats, sparklines, links) follows them."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

from reports.filling.boxes import Box, box
from reports.filling.cells import boxes_of
from reports.filling.formulas import Formulas, Here, Unmovable
from reports.filling.package import local
from reports.filling.rules import CHOICE, RULE, Held, check_records
from reports.filling.scopes import Mover, Scope, chain_at
from reports.template import BadTemplate

FORMULAS = frozenset({"formula", "formula1", "formula2", "f"})
# One for each record, rather than one range that grows.
EACH = frozenset({"mergeCell", "hyperlink"})
ONE = frozenset({"pane", "selection", "cellWatch", "inputCells"})
TO_A_CELL = frozenset({"activeCell", "topLeftCell"})
LISTS = frozenset(
    {
        "mergeCells",
        "dataValidations",
        "hyperlinks",
        "sparklines",
        "sparklineGroups",
        "conditionalFormattings",
        "ignoredErrors",
        "protectedRanges",
    }
)
RULES = frozenset({"conditionalFormatting", "dataValidation"})


class Surroundings:
    """Changes one sheet's XML in place, all but its rows."""

    def __init__(self, template: str, mover: Mover, formulas: Formulas) -> None:
        self._template, self._mover, self._formulas = template, mover, formulas
        self.changed = False

    def follow(self, root: Any) -> None:
        for element in list(_outside_rows(root)):
            name = local(element)
            if element.getparent() is None:
                continue  # a record's copy took its place
            if name in EACH or name == "sparkline":
                self._each(element)
            elif self._mover.moves:
                self._references(element)
            if name == "brk" and local(element.getparent()) == "rowBreaks" and self._mover.moves:
                element.set("id", str(self._mover.root.span(int(element.get("id", "0")))[1]))
        for element in list(_outside_rows(root)):
            if local(element) in FORMULAS and element.text and not _is_sparkline(element):
                self._formula(element)
            elif local(element) == "cfvo" and _is_formula(element.get("val")):
                self._set(element, "val", self._rule(element, element.get("val")))
        self._tidy(root)

    # Ranges

    def _references(self, element: Any) -> None:
        for name in ("ref", "sqref", "activeCell", "topLeftCell", "r"):
            if (text := element.get(name)) is not None and (name != "r" or local(element) in ONE):
                self._set(element, name, self._moved_attribute(element, name, text))
        if local(element) == "sqref" and element.text:
            moved = self._moved(element.text)
            self.changed |= moved != element.text
            element.text = moved
            if not moved and element.getparent().getparent() is not None:  # a rule without a place
                element.getparent().getparent().remove(element.getparent())

    def _moved_attribute(self, element: Any, name: str, text: str) -> str:
        if name in TO_A_CELL or local(element) in ONE:
            return " ".join(str(self._stayed(held)) for held in boxes_of(text))
        if name == "ref":
            held = box(text)
            return text if held is None else str(self._mover.box(held) or "")
        return self._moved(text)

    def _moved(self, text: str) -> str:
        """Where these ranges went; empty when all are gone."""
        return " ".join(str(one) for held in boxes_of(text) for one in joined(list(self._mover.places(held))))

    def _stayed(self, held: Box) -> Box:
        """A place of the view: it moves, and does not grow."""
        first = self._mover.row(held.top)
        return Box(first, held.left, max(first, self._mover.row(held.bottom)), held.right)

    def _set(self, element: Any, name: str, moved: str) -> None:
        if moved == element.get(name):
            return
        self.changed = True
        if moved:
            element.set(name, moved)
        else:
            element.getparent().remove(element)

    def _each(self, element: Any) -> None:
        """A copy of the element for each record that it lies in."""
        held = self._held(element)
        if held is None:
            return
        places = list(self._mover.places(held)) if self._mover.moves else [held]
        if element.get("location") is not None:
            self._location(element)
        if "{{" in element.get("display", ""):  # the cell shows what was filled in
            del element.attrib["display"]
            self.changed = True
        if places == [held] and local(element) != "sparkline":
            return
        self.changed |= places != [held]
        parent, at = element.getparent(), element.getparent().index(element)
        parent.remove(element)
        copies = [deepcopy(element) for _ in places]
        for place, copy in zip(places, copies, strict=True):
            self._put(copy, place, held)
        parent[at:at] = copies

    def _held(self, element: Any) -> Box | None:
        if (ref := element.get("ref")) is not None:
            return box(ref)
        sqref = next((child for child in element if local(child) == "sqref"), None)
        return None if sqref is None or not sqref.text else box(sqref.text)

    def _put(self, copy: Any, place: Box, held: Box) -> None:
        if copy.get("ref") is not None:
            copy.set("ref", str(place))
        for child in copy:
            if local(child) == "sqref":
                child.text = str(place)
            elif local(child) == "f" and child.text:
                self._formula(child, chain_at(self._mover.root, held, place), grows=True)

    # Formulas

    def _formula(self, element: Any, chain: tuple[Scope, ...] | None = None, *, grows: bool = False) -> None:
        if chain is not None:
            moved = self._moved_formula(local(element.getparent()), element.text, chain, grows=grows)
        else:
            moved = self._rule(element, element.text)
        self.changed |= moved != element.text
        element.text = moved

    def _rule(self, element: Any, formula: str) -> str:
        rule = self._rule_of(element)
        moved = self._moved_formula(str(rule), formula, rule.chain(self._mover), grows=rule.grows)
        try:
            check_records(rule, formula, moved, self._mover, self._formulas)
        except Unmovable as error:
            raise self._refused(str(rule), error) from error
        return moved

    def _moved_formula(self, place: str, formula: str, chain: tuple[Scope, ...], *, grows: bool) -> str:
        try:
            return self._formulas.moved(formula, Here(self._mover.sheet, chain, grows))
        except Unmovable as error:
            raise self._refused(place, error) from error

    def _refused(self, place: str, error: Unmovable) -> BadTemplate:
        return BadTemplate(self._template, f"sheet {self._mover.sheet!r}, {place}", str(error))

    def _rule_of(self, element: Any) -> Held:
        """A rule's formula is about the first cell of its ranges, so it moves like that cell."""
        found = next(
            (one for one in element.iterancestors() if "was" in one.attrib or local(one) in RULES), None
        )
        if found is None:
            return Held(local(element.getparent()), ())
        kind = CHOICE if local(found) == "dataValidation" else RULE
        return Held(kind, tuple(boxes_of(found.get("was") or "")))

    def _location(self, element: Any) -> None:
        try:
            moved = self._formulas.moved(element.get("location"), Here(self._mover.sheet))
        except Unmovable:
            return  # a name, or a place in another file
        self._set(element, "location", moved)

    def _tidy(self, root: Any) -> None:
        """Counts that are right again, and no list that became empty."""
        for element in reversed(list(_outside_rows(root))):
            if "was" in element.attrib:
                del element.attrib["was"]
            if local(element) in LISTS:
                if element.get("count") is not None:
                    element.set("count", str(len(element)))
                _drop_if_empty(element)


def mark_rules(root: Any) -> None:
    """Note on each rule which ranges it had, for the formulas within."""
    for element in _outside_rows(root):
        if local(element) in RULES:
            sqref = element.get("sqref") or next((c.text for c in element if local(c) == "sqref"), None)
            if sqref:
                element.set("was", sqref)


def _drop_if_empty(element: Any) -> None:
    """With what holds nothing else: a group of sparklines has colours, and is empty without sparklines."""
    parent = element.getparent()
    if len(element) or parent is None:
        return
    parent.remove(element)
    if local(element) == "sparklines":
        parent.getparent().remove(parent)
    elif local(parent) in {"ext", "extLst"}:
        _drop_if_empty(parent)


def joined(boxes: list[Box]) -> list[Box]:
    """Neighbours above each other, of the same columns, as one."""
    made: list[Box] = []
    for one in sorted(boxes, key=lambda each: (each.left, each.right, each.top)):
        last = made[-1] if made else None
        if last and (last.left, last.right) == (one.left, one.right) and one.top <= last.bottom + 1:
            made[-1] = Box(last.top, last.left, max(last.bottom, one.bottom), last.right)
        else:
            made.append(one)
    return made


def _is_formula(value: str | None) -> bool:
    """Where a bar or a scale ends may be a number, or a cell that holds it."""
    try:
        float(value or "0")
    except ValueError:
        return True
    return False


def _is_sparkline(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) == "sparkline"


def _outside_rows(root: Any) -> Iterator[Any]:
    for child in root:
        if local(child) != "sheetData":
            yield from child.iter(etree.Element)
