"""What the bench of fairness asks for: of the middle of the short runs, of the worst, and that there was a map."""

import pytest

from bench.fairness import LIMIT, WORST_LIMIT, missed

GOOD = {"ratio_p50": LIMIT, "ratio_worst": WORST_LIMIT, "items_done_beside": 1.0}


def test_good_figures_miss_nothing() -> None:
    assert list(missed(GOOD)) == []


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"ratio_p50": LIMIT + 0.1}, "3.10 x the idle time in the middle, limit 3.0"),
        ({"ratio_worst": WORST_LIMIT + 0.1}, "5.10 x the idle time at worst, limit 5.0"),
        ({"items_done_beside": 0.0}, "no item of the map was done beside the short runs"),
    ],
)
def test_a_bad_figure_is_said(figures: dict[str, float], said: str) -> None:
    assert list(missed(GOOD | figures)) == [said]
