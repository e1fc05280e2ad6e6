"""The work as a Presstime pipeline. Copied into the folder that the measured worker reads."""

import pandas as pd

from bench._work import PARTS, combine, rows_of
from pipelines import Pipeline
from reports import Sheet, Workbook

measured = Pipeline("measured")


@measured.extract(over=list(range(PARTS)))
def part(number: int) -> pd.DataFrame:
    return rows_of(number)


@measured.transform
def combined(part: pd.DataFrame) -> pd.DataFrame:
    return combine(part)


@measured.report
def book(combined: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Groups", combined))
