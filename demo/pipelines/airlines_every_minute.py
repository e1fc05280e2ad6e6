"""The table of airlines, every minute: something to watch while `presstime up --demo` runs."""

import pandas as pd

from pipelines import Cron, Pipeline
from pipelines.sources import Web
from presstime.settings import load_settings
from reports import Sheet, Workbook

airlines = Pipeline(
    "airlines-every-minute",
    title="Airlines",
    owner="demo",
    schedules=[Cron("* * * * *", name="every-minute")],
)


@airlines.extract
def table(web: Web) -> pd.DataFrame:
    return web.table(f"{load_settings().demo_url}/airlines", id="airlines")


@airlines.report
def workbook(table: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Airlines", table))
