"""Key figures as the texts that a workbook shows for them. Knows no file format."""

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.blocks import Figures, Formula
from reports.excel.values import in_zone
from reports.files.tables import COMPUTED
from reports.number_formats.currencies import currency_code
from reports.number_formats.formats import GENERAL, NUMBERS, Facts, Kind, format_code, inferred_format
from reports.number_formats.render import shown
from reports.preflight import Findings
from reports.tables.objects import kind_of

UNCALCULATED = "a formula without a value, which only a workbook calculates"


def figure_texts(
    block: Figures, sheet: str, findings: Findings, zone: ZoneInfo | None
) -> list[tuple[str, str]]:
    """Each label with its value. A formula gives way to the value that came with it, and a finding says so."""
    texts = []
    for label, figure in block.figures.items():
        value = figure.value
        if isinstance(value, Formula):
            said = UNCALCULATED if value.value is None else COMPUTED
            findings.add("formulas", sheet, said, column=label)
            value = value.value
        if isinstance(value, datetime):
            value = in_zone(value, zone) if value.tzinfo else value
        code = figure.format and format_code(figure.format)
        code = currency_code(figure.currency) if figure.currency else code
        texts.append((label, shown(value, code or _inferred(label, value))))
    return texts


def _inferred(label: str, value: object) -> str:
    """As a workbook shows the value."""
    kind = kind_of(value) if value is not None else None
    if kind is None:
        return GENERAL
    if kind not in NUMBERS:
        return inferred_format(kind, Facts(filled=1, seconds=True))
    text = format(value, "f") if kind is Kind.DECIMAL else ""
    number = float(value)  # type: ignore[arg-type] # a number
    decimals = len(text.partition(".")[2])
    return inferred_format(
        kind, Facts(1, number, number, whole=number.is_integer(), decimals=decimals), label
    )
