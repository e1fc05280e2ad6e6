"""The work as a Presstime pipeline of six steps. Copied into the folder that the workers read."""

from datetime import timedelta
from typing import NamedTuple

import pandas as pd

from bench._chaos_work import ITEMS, side_of, total_of, value_of, witnessed
from pipelines import Every, Finding, Params, Pipeline, Run, fail, warn
from reports import Sheet, Workbook

EVERY_SECONDS = 20  # the copy may say something else

COLUMNS = ["step", "item", "value", "token"]


class Order(Params):
    """Orders of the bench count from 0; what the schedule starts has -1."""

    number: int = -1


class Item(NamedTuple):
    """The token makes an item of one listing different from that of another."""

    number: int
    token: str


chaos = Pipeline(
    "chaos",
    params=Order,
    schedules=[Every(interval=timedelta(seconds=EVERY_SECONDS), name="often", catch_up="all")],
)


@chaos.extract
def items(run: Run) -> list[Item]:
    with witnessed(run, "items") as token:
        return [Item(number, token) for number in range(ITEMS)]


@chaos.extract(over=items)
def fetch(item: Item, run: Run, order: Order) -> pd.DataFrame:
    with witnessed(run, "fetch", item.number, [item.token]) as token:
        return _frame(("fetch", item.number, value_of(order.number, item.number), token))


@chaos.transform
def combine(fetch: pd.DataFrame, run: Run) -> pd.DataFrame:
    with witnessed(run, "combine", consumed=list(fetch["token"])) as token:
        total = _frame(("combine", -1, int(fetch["value"].sum()), token))
        return pd.concat([fetch, total], ignore_index=True)


@chaos.extract
def side(run: Run, order: Order) -> pd.DataFrame:
    with witnessed(run, "side") as token:
        return _frame(("side", -1, side_of(order.number), token))


@chaos.check
def whole(combine: pd.DataFrame, side: pd.DataFrame, run: Run, order: Order) -> Finding:
    with witnessed(run, "whole", consumed=[*combine["token"], *side["token"]]) as token:
        total = int(combine.loc[combine["step"] == "combine", "value"].iloc[0])
        if total != total_of(order.number):
            return fail(f"the total is {total}")
        return warn(token)


@chaos.report
def book(combine: pd.DataFrame, side: pd.DataFrame, run: Run) -> Workbook:
    with witnessed(run, "book", consumed=[*combine["token"], *side["token"]]) as token:
        own = _frame(("book", -1, 0, token))
        return Workbook(Sheet("Figures", pd.concat([combine, side, own], ignore_index=True)))


def _frame(*rows: tuple[str, int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)
