"""Documents for people: what an author returns from a report step. Knows no database, HTTP or schedule.

Importing it loads no table library and no Excel library: those wait until a document is written.
"""

from reports.about import About, AboutCheck, AboutInterval, AboutSource, AboutStep
from reports.blocks import Figure, Figures, Formula, Link, Table, Text
from reports.changes import Changes
from reports.charts import AreaChart, BarChart, ColumnChart, ComboChart, LineChart, PieChart, ScatterChart
from reports.columns import Column
from reports.crosstab import crosstab
from reports.csv_dialect import CsvDialect
from reports.errors import BadWorkbook
from reports.marks import ColorScale, DataBar, Highlight, IconSet
from reports.preflight import Finding, Preflight
from reports.sheet import Page, Sheet
from reports.sparklines import Sparkline
from reports.template import Template
from reports.workbook import Properties, Workbook

__all__ = [
    "About",
    "AboutCheck",
    "AboutInterval",
    "AboutSource",
    "AboutStep",
    "AreaChart",
    "BadWorkbook",
    "BarChart",
    "Changes",
    "ColorScale",
    "Column",
    "ColumnChart",
    "ComboChart",
    "CsvDialect",
    "DataBar",
    "Figure",
    "Figures",
    "Finding",
    "Formula",
    "Highlight",
    "IconSet",
    "LineChart",
    "Link",
    "Page",
    "PieChart",
    "Preflight",
    "Properties",
    "ScatterChart",
    "Sheet",
    "Sparkline",
    "Table",
    "Template",
    "Text",
    "Workbook",
    "crosstab",
]
