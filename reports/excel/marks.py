"""Conditional formats as Excel's own rules."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl.formatting.rule import ColorScale as NativeScale
from openpyxl.formatting.rule import DataBar as NativeBar
from openpyxl.formatting.rule import FormatObject, Rule
from openpyxl.formatting.rule import IconSet as NativeIcons
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.styles.differential import DifferentialStyle

from reports.errors import BadBlock, did_you_mean
from reports.marks import ICONS, OPERATORS, ColorScale, DataBar, Highlight, IconSet, Mark, Value
from reports.palette import HIGHLIGHTS

NAMES: dict[str, Any] = {
    "arrows": "3Arrows",
    "lights": "3TrafficLights1",
    "flags": "3Flags",
    "signs": "3Symbols2",
    "ratings": "5Rating",
    "quarters": "5Quarters",
}
CELL_IS: dict[str, Any] = {
    "<": "lessThan",
    "<=": "lessThanOrEqual",
    "=": "equal",
    "!=": "notEqual",
    ">=": "greaterThanOrEqual",
    ">": "greaterThan",
    "between": "between",
    "outside": "notBetween",
}
NAME = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True)
class Marked:
    """The place where a mark holds. `letters` are the table's columns by name, `own` is the marked one's letter.

    `areas` are first and last rows: several where totals stand in between, which no mark is for. `drawn` columns
    hold sparklines, and no values.
    """

    sheet: str
    letters: Mapping[str, str]
    own: str
    areas: Sequence[tuple[int, int]]
    drawn: Collection[str] = ()

    @property
    def first(self) -> int:
        return self.areas[0][0]

    @property
    def area(self) -> str:
        return " ".join(f"{self.own}{first}:{self.own}{last}" for first, last in self.areas)

    @property
    def rows(self) -> str:
        """All columns of the rows."""
        ends = list(self.letters.values())
        return " ".join(f"{ends[0]}{first}:{ends[-1]}{last}" for first, last in self.areas)

    @property
    def fixed(self) -> str:
        return f"${self.own}${self.first}:${self.own}${self.areas[-1][1]}"


def differential(look: str) -> DifferentialStyle:
    """Return what a highlight changes of a cell."""
    if look not in HIGHLIGHTS:
        return DifferentialStyle(font=Font(bold=True))
    text, ground = HIGHLIGHTS[look]
    return DifferentialStyle(font=Font(color=text), fill=PatternFill(bgColor=ground))


def native_rule(mark: Mark, place: Marked, styles: Mapping[str, int]) -> tuple[str, Any]:
    """Return the range and the rule. `styles` are their numbers. Raises BadBlock for a column that is not there."""
    if isinstance(mark, DataBar):
        return place.area, Rule(type="dataBar", dataBar=_bar(mark))
    if isinstance(mark, ColorScale):
        return place.area, Rule(type="colorScale", colorScale=_scale(mark))
    if isinstance(mark, IconSet):
        return place.area, Rule(type="iconSet", iconSet=_icons(mark))
    style = styles[mark.look]
    if mark.rule in CELL_IS and not mark.row:
        values = [literal(value) for value in (mark.value, mark.second) if value is not None]
        return place.area, Rule(type="cellIs", operator=CELL_IS[mark.rule], formula=values, dxfId=style)
    formula = condition(mark, place)
    return place.rows if mark.row else place.area, Rule(type="expression", formula=[formula], dxfId=style)


def condition(mark: Highlight, place: Marked) -> str:
    """The rule as a formula for the first of the rows."""
    cell = f"${place.own}{place.first}"
    value = literal(mark.value) if mark.value is not None and mark.rule != "formula" else ""
    second = literal(mark.second) if mark.second is not None else ""
    if mark.rule in OPERATORS:
        return f"{cell}{'<>' if mark.rule == '!=' else mark.rule}{value}"
    formulas = {
        "between": f"AND({cell}>={value},{cell}<={second})",
        "outside": f"OR({cell}<{value},{cell}>{second})",
        "contains": f"ISNUMBER(SEARCH({value},{cell}))",
        "begins": f"LEFT({cell},LEN({value}))={value}",
        "ends": f"RIGHT({cell},LEN({value}))={value}",
        "top": f"{cell}>=LARGE({place.fixed},MIN({value},COUNT({place.fixed})))",
        "bottom": f"AND(ISNUMBER({cell}),{cell}<=SMALL({place.fixed},MIN({value},COUNT({place.fixed}))))",
        "blank": f"LEN(TRIM({cell}))=0",
        "filled": f"LEN(TRIM({cell}))>0",
        "duplicate": f"AND(LEN({cell})>0,COUNTIF({place.fixed},{cell})>1)",
    }
    return formulas.get(mark.rule) or _named(str(mark.value), place)


def literal(value: Value) -> str:
    """A value as it stands in a formula."""
    if isinstance(value, str):
        quoted = value.replace('"', '""')
        return f'"{quoted}"'
    if isinstance(value, datetime):
        return (
            f"(DATE({value.year},{value.month},{value.day})+TIME({value.hour},{value.minute},{value.second}))"
        )
    if isinstance(value, date):
        return f"DATE({value.year},{value.month},{value.day})"
    return str(value)


def _named(formula: str, place: Marked) -> str:
    def cell(found: re.Match[str]) -> str:
        letter = place.letters.get(found[1])
        if letter is None or found[1] in place.drawn:
            known = [name for name in place.letters if name not in place.drawn]
            raise BadBlock(
                f"sheet {place.sheet!r}, Highlight('formula')",
                formula,
                f"[{found[1]}] is no column of the table{did_you_mean(found[1], known)}",
            )
        return f"${letter}{place.first}"

    return NAME.sub(cell, formula.removeprefix("="))


def _bar(mark: DataBar) -> NativeBar:
    """For programs that know bars of Excel 2007 only; the others read the sheet's extension."""
    low = FormatObject(type="num", val=mark.low or 0)
    high = FormatObject(type="max") if mark.high is None else FormatObject(type="num", val=mark.high)
    return NativeBar(cfvo=[low, high], color=Color(mark.colour), minLength=0, maxLength=100)


def _scale(mark: ColorScale) -> NativeScale:
    steps = [(FormatObject(type="min"), mark.low), (FormatObject(type="max"), mark.high)]
    if mark.middle is not None:
        steps.insert(1, (FormatObject(type="percentile", val=50), mark.middle))
    return NativeScale(cfvo=[step for step, _ in steps], color=[Color(colour) for _, colour in steps])


def _icons(mark: IconSet) -> NativeIcons:
    count = ICONS[mark.icons]
    first = FormatObject(type="percent", val=0)
    if mark.at is None:
        rest = [FormatObject(type="percent", val=round(100 * step / count)) for step in range(1, count)]
    else:
        rest = [FormatObject(type="num", val=value) for value in mark.at]
    return NativeIcons(iconSet=NAMES[mark.icons], cfvo=[first, *rest], reverse=mark.reverse or None)
