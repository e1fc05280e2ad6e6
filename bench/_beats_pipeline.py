"""One trivial step, by several schedules every second. Copied into the folder that the processes read."""

import os
from datetime import timedelta

from pipelines import Every, Pipeline

SCHEDULES = int(os.environ.get("BENCH_SCHEDULES", "2"))
SECOND = timedelta(seconds=1)

tick = Pipeline(
    "tick",
    schedules=[
        Every(SECOND, name=f"second-{number + 1}", catch_up="all", overlap="allow")
        for number in range(SCHEDULES)
    ],
)


@tick.extract
def one() -> int:
    return 1
