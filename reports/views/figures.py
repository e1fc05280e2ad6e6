"""Key figures as the texts that a workbook shows for them. Knows no file format."""

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.blocks import Figures, Formula
from reports.number_formats.render import shown
from reports.preflight import Findings
from reports.tables.column_scan import value_code
from reports.tables.objects import in_zone
from reports.tables.reader import COMPUTED

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
        code = value_code(value, figure.given_code, label, stands_alone=True)
        texts.append((label, shown(value, code)))
    return texts
