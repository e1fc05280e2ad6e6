"""Documents for people: what an author returns from a report step. Knows no database, HTTP or schedule.

Importing it loads no table library and no Excel library: those wait until a document is written.
"""

from reports.about import About, AboutCheck, AboutInterval, AboutSource, AboutStep
from reports.errors import BadWorkbook
from reports.workbook import Column, Sheet, Workbook

__all__ = [
    "About",
    "AboutCheck",
    "AboutInterval",
    "AboutSource",
    "AboutStep",
    "BadWorkbook",
    "Column",
    "Sheet",
    "Workbook",
]
