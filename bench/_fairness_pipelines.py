"""A long map and a short run of three steps. Copied into the folder that the measured worker reads."""

import os
import time

import pandas as pd

from pipelines import Pipeline
from reports import Sheet, Workbook

ITEMS = int(os.environ.get("BENCH_ITEMS", "10000"))
SECONDS = 0.02  # of one item: a page of a site that is near

bulk = Pipeline("bulk")
short = Pipeline("short")


@bulk.extract(over=list(range(ITEMS)))
def page(number: int) -> int:
    time.sleep(SECONDS)
    return number


@bulk.transform
def total(page: list[int]) -> int:
    return sum(page)


@short.extract
def rows() -> pd.DataFrame:
    return pd.DataFrame({"number": range(100)})


@short.transform
def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(double=rows["number"] * 2)


@short.report
def book(doubled: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Doubled", doubled))
