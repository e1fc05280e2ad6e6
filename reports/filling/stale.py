"""Which sheets hold formulas whose values are no longer known. Knows no rows that were filled."""

from collections.abc import Sequence

from reports.filling.formulas import Unmovable, names_in, tokens_of, unquoted
from reports.filling.sheets import TemplateSheet


def stale_sheets(sheets: Sequence[TemplateSheet]) -> set[str]:
    """Filled sheets, and those with formulas that refer to one, directly or through others; in lower case.

    A name or a table may stand for any cell, so a formula with one counts as referring to a filled sheet.
    """
    stale = {sheet.name.casefold() for sheet in sheets if sheet.filled}
    reads = {sheet.name.casefold(): _read(sheet) for sheet in sheets if sheet.formulas}
    while stale:
        more = {name for name, read in reads.items() if name not in stale and ("" in read or read & stale)}
        if not more:
            break
        stale |= more
    return stale


def _read(sheet: TemplateSheet) -> set[str]:
    """Names of the sheets that its formulas read; an empty one where that cannot be told."""
    read: set[str] = set()
    for row in sheet.rows:
        for cell in row.cells:
            if cell.formula is None or not cell.formula.text:
                continue
            try:
                if names_in(cell.formula.text):
                    read.add("")
                for token in tokens_of(cell.formula.text):
                    if "!" in token.value:
                        prefix = token.value.rpartition("!")[0]
                        read |= {one.casefold() for one in unquoted(prefix).split(":")}
            except Unmovable:
                read.add("")
    return read
