"""The head of a report: its title, its period, and what it says in one line. Knows no file format."""

from collections.abc import Iterator

from reports.about import About
from reports.blocks import Text
from reports.periods import period_words
from reports.workbook import Workbook


def title_of(workbook: Workbook, about: About | None) -> str:
    return workbook.title or (about.title if about else workbook.sheets[0].name)


def period_of(about: About | None) -> str | None:
    """`January 2013`; None where the report has no period."""
    known = about.interval if about else None
    return None if known is None else period_words(known.start, known.end, known.zone)


def title_block(workbook: Workbook, about: About | None) -> Iterator[Text]:
    """The lines that stand above the first sheet's own; none unless the author gave a headline."""
    if workbook.headline is not None:
        yield Text(title_of(workbook, about), "title")
        if period := period_of(about):
            yield Text(period, "note")
        yield Text(workbook.headline)
