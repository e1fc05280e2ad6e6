"""Pipelines and steps that several tests load, and a way to read what is wrong with them."""

from datetime import date

import pandas as pd
import pytest

from pipelines import Pipeline
from pipelines.loading.errors import PipelineRefused
from pipelines.loading.load import load_pipeline


def faults(pipeline: Pipeline) -> list[str]:
    """What is wrong, without the places."""
    with pytest.raises(PipelineRefused) as caught:
        load_pipeline(pipeline)
    return [fault.text for fault in caught.value.faults]


def days() -> list[date]:
    return [date(2013, 1, 5)]


def carriers() -> pd.DataFrame:
    return pd.DataFrame({"carrier": ["UA"]})
