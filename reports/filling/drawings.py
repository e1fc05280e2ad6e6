"""Drawings, charts, comments and their shapes follow the rows of their sheet. Knows no cells."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

from reports.filling.boxes import Box, box
from reports.filling.formulas import Formulas, Here, Unmovable, unquoted
from reports.filling.package import TemplatePackage, children, local
from reports.filling.scopes import Mover

CACHES = frozenset({"numCache", "strCache", "multiLvlStrCache"})
SERIES_DATA = frozenset({"cat", "val", "xVal", "yVal", "bubbleSize", "numDim", "strDim", "plus", "minus"})
CHARTS = ("drawingml.chart+xml", "ms-office.chartex+xml")
SHAPE = re.compile(r"_s(\d+)$")


def anchors_follow(root: Any, mover: Mover) -> bool:
    """Pictures, charts and shapes move with their first row, and keep their size in rows. Says if any moved."""
    any_moved = False
    for anchor in root.iter("{*}twoCellAnchor", "{*}oneCellAnchor", "{*}anchor"):
        rows = [row for end in anchor if local(end) in {"from", "to"} for row in children(end, "row")]
        if not rows:
            continue
        top = int(rows[0].text or 0)
        by = mover.row(top + 1) - 1 - top
        any_moved |= by != 0
        for row in rows:
            row.text = str(int(row.text or 0) + by)
    return any_moved


def links_follow(root: Any, sheet: str, formulas: Formulas) -> bool:
    """Shapes that show a cell, and pictures of cells. Says if any changed."""
    changed = False
    for element in root.iter("{*}sp", "{*}cxnSp", "{*}pic", "{*}cameraTool"):
        for name in ("textlink", "cellRange"):
            if (link := element.get(name)) and (moved := formulas.moved(link, Here(sheet))) != link:
                element.set(name, moved)
                changed = True
    return changed


def chart_follows(package: TemplatePackage, part: str, formulas: Formulas, stale: set[str]) -> None:
    """Its references; what it remembers of cells that changed is dropped, and read anew when it opens."""
    root = package.parsed(part)
    for element in list(root.iter("{*}f")):
        if not element.text:
            continue
        grows = any(local(one) in SERIES_DATA for one in element.iterancestors())
        try:
            moved = formulas.moved(element.text, Here("", grows=grows))
        except Unmovable as error:
            raise package.refuse(f"chart {part}", str(error)) from error
        sheet = unquoted(element.text.rpartition("!")[0]).casefold()
        if moved == element.text and sheet not in stale and "!" in element.text:
            continue
        package.tree(part)
        element.text = moved
        parent = element.getparent()
        for cache in [one for one in parent if local(one) in CACHES]:
            parent.remove(cache)
        if "chartex" in (root.tag if isinstance(root.tag, str) else ""):
            for level in [one for one in parent if local(one) == "lvl"]:
                parent.remove(level)


def comments_follow(package: TemplatePackage, part: str, mover: Mover) -> dict[tuple[int, int], list[Box]]:
    """A comment stands at each record that its cell stands for. Returns what became of each cell."""
    root = package.tree(part)
    went: dict[tuple[int, int], list[Box]] = {}
    for group in children(root, "commentList"):
        for comment in list(group):
            held = box(comment.get("ref", ""))
            if held is None:
                continue
            places = went[held.top, held.left] = list(mover.places(held))
            at = group.index(comment)
            group.remove(comment)
            copies = [deepcopy(comment) for _ in places]
            for nth, (copy, place) in enumerate(zip(copies, places, strict=True)):
                copy.set("ref", str(place))
                for name in list(copy.attrib):
                    if nth and etree.QName(name).localname == "uid":
                        del copy.attrib[name]
            group[at:at] = copies
    return went


def threads_follow(package: TemplatePackage, part: str, mover: Mover) -> None:
    """A conversation has one place: the first record's."""
    for comment in package.tree(part):
        if (held := box(comment.get("ref", ""))) is not None:
            comment.set("ref", str(Box(mover.row(held.top), held.left, mover.row(held.top), held.right)))


def shapes_follow(
    package: TemplatePackage,
    part: str,
    mover: Mover,
    formulas: Formulas,
    went: dict[tuple[int, int], list[Box]],
) -> None:
    """The boxes of comments, and old form controls (VML): rows are counted from 0 there."""
    root = package.tree(part)
    numbers = [int(found[1]) for one in root.iter() if (found := SHAPE.search(one.get("id") or ""))]
    free = iter(range(max(numbers, default=1024) + 1, 10**9))
    for shape in [one for one in root if local(one) == "shape"]:
        for data in children(shape, "ClientData"):
            if data.get("ObjectType") == "Note":
                _note(shape, data, went, free)
            else:
                _control(data, mover, formulas)


def _note(shape: Any, data: Any, went: dict[tuple[int, int], list[Box]], free: Iterator[int]) -> None:
    row, column = (_number(data, name) for name in ("Row", "Column"))
    places = went.get((row + 1, column + 1), [])
    parent, at = shape.getparent(), shape.getparent().index(shape)
    copies = [shape, *(deepcopy(shape) for _ in places[1:])] if places else []
    if not places:
        parent.remove(shape)
    for nth, (copy, place) in enumerate(zip(copies, places, strict=True)):
        if nth:
            copy.set("id", f"_x0000_s{next(free)}")
            parent.insert(at + nth, copy)
        for client in children(copy, "ClientData"):
            for one in children(client, "Row"):
                one.text = str(place.top - 1)
            _shift_anchor(client, place.top - 1 - row)


def _control(data: Any, mover: Mover, formulas: Formulas) -> None:
    anchor = next(iter(children(data, "Anchor")), None)
    if anchor is not None and mover.moves:
        top = int((anchor.text or "0,0,0").split(",")[2])
        _shift_anchor(data, mover.row(top + 1) - 1 - top)
    for name in ("FmlaLink", "FmlaRange", "FmlaTxbx", "FmlaGroup"):
        for one in children(data, name):
            if one.text:
                one.text = formulas.moved(one.text, Here(mover.sheet))


def _shift_anchor(data: Any, rows: int) -> None:
    """`left column, offset, top row, offset, right column, offset, bottom row, offset`."""
    for anchor in children(data, "Anchor"):
        parts = [part.strip() for part in (anchor.text or "").split(",")]
        if rows and len(parts) == 8:
            parts[2], parts[6] = str(int(parts[2]) + rows), str(int(parts[6]) + rows)
            anchor.text = ", ".join(parts)


def _number(data: Any, name: str) -> int:
    return next((int(one.text or 0) for one in children(data, name)), 0)
