"""Fills placeholders that stand in no cell: in headers and footers, text boxes and charts. Knows no rows."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from reports.excel.values import Unwritable, escaped
from reports.filling.expressions import PLACEHOLDER, Expressions, Unfillable
from reports.filling.makers import filled_runs
from reports.filling.package import RELATION_ID, TemplatePackage, children, local
from reports.filling.records import is_rows
from reports.filling.values import text_within
from reports.text import fault_in_text, utf16_length

LONGEST_HEADER = (
    255  # characters, codes of its format among them (Microsoft, "Excel specifications and limits")
)
OF_A_RECORD = re.compile(r"\s*(item|index|parent)\b")
# A size before a number, and a page's number before a sign, would become one with it.
SIZE, PAGE = re.compile(r"(?<!&)(?:&&)*&\d+$"), re.compile(r"(?<!&)(?:&&)*&P$", re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
SHOWN_TEXT = 60  # characters of a text that an error names


class Captions:
    """`values` are the template's; rows of them have no place here. `zone` is where instants are shown."""

    def __init__(
        self,
        package: TemplatePackage,
        values: Mapping[str, object],
        expressions: Expressions,
        zone: ZoneInfo | None,
    ) -> None:
        self._package, self._values = package, values
        self._expressions, self._zone = expressions, zone

    def fill(self) -> None:
        """Fill the captions of all sheets. Raises BadTemplate for a placeholder without a single value."""
        package = self._package
        for sheet, part in _sheets(package):
            for headers in children(package.parsed(part), "headerFooter"):
                for element in headers:
                    self._header(sheet, part, element)
            for drawing in package.related(part, "drawing"):
                self._texts(sheet, drawing, "text box")
                charts = (one for kind in ("chart", "chartEx") for one in package.related(drawing, kind))
                for chart in charts:
                    self._texts(sheet, chart, "chart text")
                    self._names(sheet, chart)
                    for shapes in package.related(chart, "chartUserShapes"):
                        self._texts(sheet, shapes, "chart text")

    def _header(self, sheet: str, part: str, element: Any) -> None:
        text = element.text or ""
        if PLACEHOLDER.search(text) is None:
            return
        place = _place(sheet, "header or footer", text)
        filled = escaped(filled_header(text, lambda expression: self._said(expression, place)))
        if (length := utf16_length(filled)) > LONGEST_HEADER:
            reason = f"filled, it has {length} characters, and Excel takes {LONGEST_HEADER}; shorten it"
            raise self._package.refuse(place, reason)
        self._package.tree(part)
        element.text = filled

    def _texts(self, sheet: str, part: str, what: str) -> None:
        """Paragraphs; a placeholder may be split over several of its formatted pieces."""
        for paragraph in list(self._package.parsed(part).iter("{*}p")):
            pieces = [t for run in paragraph if local(run) in {"r", "fld"} for t in children(run, "t")]
            texts = [piece.text or "" for piece in pieces]
            if PLACEHOLDER.search("".join(texts)) is None:
                continue
            filled = [""] * len(texts)
            if not _shows_a_cell(paragraph):  # that one is read anew, and remembers nothing
                filled = self._filled(_place(sheet, what, "".join(texts)), texts)
            self._package.tree(part)
            for piece, before, text in zip(pieces, texts, filled, strict=True):
                if text != before:
                    _put(piece, text)

    def _names(self, sheet: str, part: str) -> None:
        """Names of series that are no cell's."""
        for tx in self._package.parsed(part).iter("{*}tx"):
            for value in children(tx, "v"):
                if PLACEHOLDER.search(value.text or ""):
                    place = _place(sheet, "chart text", value.text)
                    self._package.tree(part)
                    value.text = escaped(self._filled(place, [value.text])[0])

    def _filled(self, place: str, texts: Sequence[str]) -> list[str]:
        return filled_runs(texts, lambda expression: self._said(expression, place))

    def _said(self, expression: str, place: str) -> str:
        told = f"{{{{{expression}}}}}"
        try:
            value = self._expressions.value(expression, self._values)
            if is_rows(value):
                raise Unwritable(f"{told} stands for rows, and only a single value can stand here")
            text = text_within(value, self._zone)
        except Unfillable as error:
            hint = " Records are known in cells only." if OF_A_RECORD.match(expression) else ""
            raise self._package.refuse(place, f"{error}{hint}") from error
        except Unwritable as error:
            reason = str(error) if told in str(error) else f"{told}: {error}"
            raise self._package.refuse(place, reason) from error
        if fault := fault_in_text(text):
            raise self._package.refuse(place, f"{told}: {fault}")
        return text


def filled_header(text: str, value: Callable[[str], str]) -> str:
    """A header's or footer's text, in which `&` begins a code and `&&` is the sign itself."""
    made, at = "", 0
    for found in PLACEHOLDER.finditer(text):
        made += text[at : found.start()]
        filled = value(found[1].replace("&&", "&")).replace("&", "&&")
        joins = (SIZE.search(made) and filled[:1].isdigit()) or (
            PAGE.search(made) and filled[:1] in {"+", "-"}
        )
        made += f" {filled}" if joins else filled
        at = found.end()
    return made + text[at:]


def _sheets(package: TemplatePackage) -> Iterator[tuple[str, str]]:
    """Names and parts of worksheets and chart sheets."""
    relations = {one.id: one for one in package.relations(package.workbook)}
    for group in children(package.parsed(package.workbook), "sheets"):
        for sheet in group:
            relation = relations.get(sheet.get(RELATION_ID, ""))
            if relation is not None and relation.kind in {"worksheet", "chartsheet"}:
                yield sheet.get("name", ""), relation.target


def _place(sheet: str, what: str, text: str) -> str:
    return f"sheet {sheet!r}, {what} {text[:SHOWN_TEXT]!r}"


def _shows_a_cell(paragraph: Any) -> bool:
    return any(one.get("textlink") for one in paragraph.iterancestors("{*}sp"))


def _put(piece: Any, text: str) -> None:
    """A line end is an element of its own there, between two pieces of the same format."""
    run = piece.getparent()
    lines = LINE_END.split(text)
    if local(run) == "fld":
        lines = [" ".join(lines)]
    piece.text = lines[0]
    parent, at = run.getparent(), run.getparent().index(run)
    for nth, line in enumerate(lines[1:]):
        end = etree.Element(etree.QName(run, "br"))
        end.extend(deepcopy(children(run, "rPr")))
        copy = deepcopy(run)
        children(copy, "t")[0].text = line
        parent[at + 1 + 2 * nth : at + 1 + 2 * nth] = [end, copy]
