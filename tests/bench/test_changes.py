"""The judge of the bench of comparing knows what was edited."""

import polars as pl
import pytest

from bench._changes_case import KEY, MERGE, MOVED, OURS, OURS_PANDAS, WAYS, tables
from bench.changes import PEAK_LIMIT_MB, missed

ROWS = 20_000


@pytest.mark.parametrize("way", list(WAYS))
def test_every_way_finds_what_was_edited(way: str) -> None:
    now, before, truth = tables(ROWS)
    compare, form = WAYS[way]
    given = [table.to_pandas() if form == "pandas" else table for table in (now, before)]

    assert compare(*given) == truth


def test_the_tables_are_as_the_bench_says() -> None:
    now, before, truth = tables(ROWS)
    cells = sum(count for name, count in truth.items() if name in now.columns)

    assert now.shape == before.shape == (ROWS, 10)
    assert (truth["added"], truth["removed"], cells) == (MOVED, MOVED, (ROWS - MOVED) // 100)
    assert not now[KEY].equals(before[KEY])
    assert isinstance(now, pl.DataFrame)


@pytest.mark.parametrize(
    ("peak", "said"),
    [
        ({"peak_mb": PEAK_LIMIT_MB}, ""),
        ({"peak_mb": PEAK_LIMIT_MB + 1}, "needs 401 MB above both tables"),
        ({}, "was not measured"),
    ],
)
def test_memory_that_was_not_measured_misses_its_limit(peak: dict[str, float], said: str) -> None:
    figures = {MERGE: [{"cpu_s": 1.0}]} | {way: [{"cpu_s": 1.0, **peak}] for way in (OURS, OURS_PANDAS)}

    lines = list(missed(figures))

    assert len(lines) == (2 if said else 0)
    assert all(said in line for line in lines)
