"""Pipelines whose cost in SQL is counted. Copied into the folder that the measured process reads."""

import pandas as pd

from pipelines import Cron, Params, Pipeline
from reports import Sheet, Workbook


class Size(Params):
    items: int = 10


# Each of these asks for other runs of its schedule, in its own way.
daily = Pipeline(
    "daily",
    schedules=[Cron("0 6 * * *", name="queues"), Cron("0 6 * * *", name="skips", overlap="skip")],
)
mapped = Pipeline("mapped", params=Size)


@daily.extract
def rows() -> pd.DataFrame:
    return pd.DataFrame({"group": ["a", "b", "a"], "amount": [1, 2, 3]})


@daily.transform
def groups(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby("group", as_index=False).sum()


@daily.report
def book(groups: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Groups", groups))


@mapped.extract
def numbers(size: Size) -> list[int]:
    return list(range(size.items))


@mapped.extract(over=numbers)
def part(number: int) -> pd.DataFrame:
    return pd.DataFrame({"number": [number]})


@mapped.transform
def total(part: pd.DataFrame) -> pd.DataFrame:
    return part.sum().to_frame().T


@mapped.report
def sheet(total: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Total", total))
