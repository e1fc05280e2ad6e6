"""Documents for people: what an author returns from a report step. Knows no database, HTTP or schedule.

Importing it loads no table library and no Excel library: those wait until a document is written.
"""

from reports.about import About, AboutCheck, AboutInterval, AboutSource, AboutStep
from reports.blocks import Figure, Figures, Formula, Link, Table, Text
from reports.columns import Column
from reports.csv_dialect import CsvDialect
from reports.errors import BadWorkbook
from reports.preflight import Finding, Preflight
from reports.sheet import Page, Sheet
from reports.workbook import Properties, Workbook

__all__ = [
    "About",
    "AboutCheck",
    "AboutInterval",
    "AboutSource",
    "AboutStep",
    "BadWorkbook",
    "Column",
    "CsvDialect",
    "Figure",
    "Figures",
    "Finding",
    "Formula",
    "Link",
    "Page",
    "Preflight",
    "Properties",
    "Sheet",
    "Table",
    "Text",
    "Workbook",
]
