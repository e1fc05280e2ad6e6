"""Punctuality of flights out of New York, by carrier, every month.

Scraped from a site that shows real departures of 2013: a paged JSON API, an HTML table and a CSV file.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

import pandas as pd

from pipelines import Cron, Finding, Interval, Params, Pipeline, Previous, fail, warn
from pipelines.sources import Web
from presstime.settings import load_settings
from reports import BarChart, Changes, Column, ComboChart, DataBar, Highlight, LineChart, Sheet, Workbook

ON_TIME = 15  # minutes of arrival delay from which a flight counts as late (US Department of Transportation)

POOR = 0.7  # share on time that wants a look

# What a day's flights consist of, in the order of the sheet; missing values stay missing.
COLUMNS = {
    "carrier": "str",
    "flight": "Int64",
    "tailnum": "str",
    "origin": "str",
    "dest": "str",
    "dep_delay": "Int64",
    "arr_delay": "Int64",
    "air_time": "Int64",
    "distance": "Int64",
}


class Filters(Params):
    """Which departures are counted."""

    origin: Literal["EWR", "JFK", "LGA"] | None = None


flights = Pipeline(
    "flight-punctuality",
    title="Flight punctuality",
    owner="demo",
    params=Filters,
    period="month",
    timezone="America/New_York",
    schedules=[Cron("0 6 1 * *", name="monthly")],
)


@flights.extract
def days(interval: Interval) -> list[date]:
    return interval.days


@flights.extract(over=days, retries=3, timeout=timedelta(minutes=5), limit=4)
def departures(day: date, web: Web, filters: Filters) -> pd.DataFrame:
    """Every departure of one day, from all pages."""
    pages = list(web.json_pages(f"{_site()}/flights", day=day.isoformat(), origin=filters.origin))
    rows = [flight for page in pages for flight in page["flights"]]
    if len(rows) != pages[0]["total"]:
        raise ValueError(f"the site promises {pages[0]['total']} departures on {day} and sends {len(rows)}")
    return tidy(day, rows)


@flights.extract(retries=3)
def carriers(web: Web) -> pd.DataFrame:
    """Code and name of each airline."""
    table = web.table(f"{_site()}/airlines", id="airlines")
    return table.rename(columns={"Carrier": "carrier", "Name": "name"})


@flights.extract(retries=3)
def airports(web: Web) -> pd.DataFrame:
    """Code and name of each airport."""
    return web.csv(f"{_site()}/airports.csv", usecols=["faa", "name"]).rename(columns={"faa": "dest"})


@flights.transform
def punctuality(departures: pd.DataFrame, carriers: pd.DataFrame) -> pd.DataFrame:
    """One row a carrier, the largest first."""
    summed = summary(departures, "carrier").merge(carriers, on="carrier", how="left")
    front = ["carrier", "name"]
    ordered = summed[[*front, *[column for column in summed if column not in front]]]
    return ordered.sort_values(["flights", "carrier"], ascending=[False, True], ignore_index=True)


@flights.transform
def by_day(departures: pd.DataFrame) -> pd.DataFrame:
    """One row a day."""
    return summary(departures.assign(day=departures["scheduled"].dt.date), "day")


@flights.check
def there_are_flights(departures: pd.DataFrame) -> Finding | None:
    return fail("the site has no departure in this interval") if departures.empty else None


@flights.check
def every_carrier_is_known(punctuality: pd.DataFrame) -> Finding | None:
    unknown = punctuality[punctuality["name"].isna()]
    return warn(f"no name for {', '.join(unknown['carrier'])}", unknown) if len(unknown) else None


@flights.report
def workbook(  # noqa: PLR0917 # they are called by name
    interval: Interval,
    punctuality: pd.DataFrame,
    by_day: pd.DataFrame,
    departures: pd.DataFrame,
    airports: pd.DataFrame,
    before: Annotated[pd.DataFrame | None, Previous("punctuality")],
) -> Workbook:
    return Workbook(
        Sheet(
            "By carrier",
            punctuality,
            columns={"carrier": Column("Carrier"), "name": Column("Name"), **FIGURES, "flights": BARS},
            charts=[
                BarChart("name", "flights", title="Departures by carrier"),
                BarChart("name", "share_on_time", title="Share on time by carrier"),
            ],
            # Each figure is another one every month: marks would be everywhere, and say nothing.
            changes=Changes(before, key="carrier", tolerance=1e-9, since=interval.before.words, mark=False),
        ),
        Sheet(
            "By day",
            by_day,
            columns={"day": Column("Day"), **FIGURES},
            charts=[
                ComboChart("day", "flights", lines="share_on_time", title="Departures, and share on time"),
                LineChart("day", ["dep_delay", "arr_delay"], title="Mean delay", y_title="Minutes"),
            ],
        ),
        Sheet("Departures", with_names(departures, airports), columns=DEPARTURES),
        title="Flight punctuality out of New York",
        headline=headline(punctuality),
    )


BARS = Column("Flights", marks=DataBar())
FIGURES = {
    "flights": Column("Flights"),
    "cancelled": Column("Cancelled"),
    "dep_delay": Column("Mean departure delay (min)", format="0.0"),
    "arr_delay": Column("Mean arrival delay (min)", format="0.0"),
    "on_time": Column("On time"),
    "share_on_time": Column("Share on time", format="0.0%", marks=Highlight("<", POOR)),
}
DEPARTURES = {
    "scheduled": Column("Scheduled departure"),
    "carrier": Column("Carrier"),
    "flight": Column("Flight", format="plain"),
    "tailnum": Column("Tail number"),
    "origin": Column("From"),
    "dest": Column("To"),
    "destination": Column("Destination"),
    "dep_delay": Column("Departure delay (min)"),
    "arr_delay": Column("Arrival delay (min)"),
    "air_time": Column("In the air (min)"),
    "distance": Column("Distance (miles)"),
    "cancelled": Column("Cancelled"),
}


def tidy(day: date, rows: list[dict[str, object]]) -> pd.DataFrame:
    """The API's rows with the same columns and types on every day, also on one without flights."""
    raw = pd.DataFrame(rows, columns=[*COLUMNS, "sched_dep_time", "dep_time"])
    clock = raw["sched_dep_time"].astype("int64")
    scheduled = pd.Timestamp(day) + pd.to_timedelta(clock // 100 * 60 + clock % 100, unit="min")
    frame = raw[list(COLUMNS)].astype(COLUMNS)
    frame.insert(0, "scheduled", scheduled.astype("datetime64[us]"))
    frame["cancelled"] = raw["dep_time"].isna()
    return frame


def summary(departures: pd.DataFrame, key: str) -> pd.DataFrame:
    """Figures for each value of `key`. A cancelled flight has no delay, and was not on time."""
    counted = departures.assign(on_time=departures["arr_delay"].lt(ON_TIME).fillna(False))
    grouped = counted.groupby(key, as_index=False).agg(
        flights=("cancelled", "size"),
        cancelled=("cancelled", "sum"),
        dep_delay=("dep_delay", "mean"),
        arr_delay=("arr_delay", "mean"),
        on_time=("on_time", "sum"),
    )
    return grouped.assign(share_on_time=grouped["on_time"] / grouped["flights"])


def headline(punctuality: pd.DataFrame) -> str:
    """Say the report's result in one sentence, for those who read nothing else."""
    flights, on_time = punctuality["flights"].sum(), punctuality["on_time"].sum()
    best = punctuality.nlargest(1, "share_on_time").iloc[0]
    return (
        f"{flights:,} departures, {on_time / flights:.1%} of them on time; "
        f"most punctual was {best['name']} with {best['share_on_time']:.1%}."
    )


def with_names(departures: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Sort the rows by departure, and put the destination's name beside its code."""
    named = departures.merge(airports.rename(columns={"name": "destination"}), on="dest", how="left")
    ordered = named.sort_values(["scheduled", "carrier", "flight"], ignore_index=True)
    return ordered[list(DEPARTURES)]


def _site() -> str:
    """Where the departures are published: the demo site, unless a setting names another."""
    settings = load_settings()
    return (settings.demo_url or f"http://127.0.0.1:{settings.demo_port}").rstrip("/")
