"""The pipeline whose schedules are measured. Copied into the folder that the measured processes read."""

from pipelines import Pipeline

tick = Pipeline("tick")


@tick.extract
def one() -> int:
    return 1
