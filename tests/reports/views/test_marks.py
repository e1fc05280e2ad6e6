"""Conditional formats are worked out cell by cell as a spreadsheet does."""

from datetime import date
from typing import Any

import pytest

from reports import ColorScale, DataBar, Highlight, IconSet
from reports.marks import Mark
from reports.palette import BAD, HIGHLIGHTS
from reports.views.marks import PLAIN, MarkStyle, merged, styles_of


def looks(mark: Mark, values: list[Any]) -> list[MarkStyle]:
    found = styles_of(mark, values)
    assert found is not None
    return [found(value) for value in values]


def test_bars_begin_at_zero_and_negative_ones_go_the_other_way() -> None:
    up = [look.bar for look in looks(DataBar("112233"), [0, 5, 10, None])]
    assert [bar and bar[:2] for bar in up] == [(0, 0), (0, 0.5), (0, 1), None]

    both = [look.bar for look in looks(DataBar("112233"), [-10, 30])]
    assert both == [(0, 0.25, BAD), (0.25, 1, "112233")]

    fixed = [look.bar for look in looks(DataBar(low=0, high=100), [50, 200])]
    assert [bar and bar[:2] for bar in fixed] == [(0, 0.5), (0, 1)]


def test_a_scale_shades_from_the_lowest_over_the_median_to_the_highest() -> None:
    plain = looks(ColorScale("000000", "FFFFFF"), [0, 50, 100, "text"])
    assert [look.ground for look in plain] == ["000000", "808080", "FFFFFF", None]

    middle = looks(ColorScale("FF0000", "0000FF", middle="00FF00"), [0, 10, 100])
    assert [look.ground for look in middle] == ["FF0000", "00FF00", "0000FF"]


def test_text_on_a_shade_can_be_read() -> None:
    assert [look.ink for look in looks(ColorScale("000000", "FFFFFF"), [0, 100])] == ["FFFFFF", "1D1C1A"]


def test_signs_have_a_shape_words_and_a_colour() -> None:
    signs = [look.sign for look in looks(IconSet("arrows"), [0, 50, 100, None])]
    assert [sign and (sign.shape, sign.words) for sign in signs] == [
        ("▼", "low"),
        ("▶", "middle"),
        ("▲", "high"),
        None,
    ]
    turned = [look.sign for look in looks(IconSet("signs", at=[1, 2], reverse=True), [0, 1, 2])]
    assert [sign and sign.shape for sign in turned] == ["✓", "▲", "✕"]
    five = looks(IconSet("ratings"), [0, 100])[1].sign
    assert five is not None
    assert five.words == "5 of 5"


@pytest.mark.parametrize(
    ("rule", "values", "given", "found"),
    [
        ("<", (2,), [1, 2, None, "x"], [1]),
        (">=", (date(2026, 1, 2),), [date(2026, 1, 1), date(2026, 1, 2)], [date(2026, 1, 2)]),
        ("=", ("Late",), ["late", "on time"], ["late"]),
        ("between", (1, 2), [0, 1, 2, 3], [1, 2]),
        ("outside", (1, 2), [0, 1, 2, 3, None], [0, 3]),
        ("contains", ("LAT",), ["very late", "early"], ["very late"]),
        ("begins", ("e",), ["Early", "late"], ["Early"]),
        ("ends", ("e",), ["late", "early"], ["late"]),
        ("top", (2,), [1, 5, 3, None], [5, 3]),
        ("bottom", (1,), [1, 5, 3], [1]),
        ("blank", (), ["a", " ", None], [" ", None]),
        ("filled", (), ["a", " ", None], ["a"]),
        ("duplicate", (), ["a", "A", "b", None, None], ["a", "A"]),
    ],
)
def test_a_highlight_marks_what_its_rule_holds_for(
    rule: str, values: tuple[Any, ...], given: list[Any], found: list[Any]
) -> None:
    marked = looks(Highlight(rule, *values, look="good"), given)  # type: ignore[misc] # at most two values

    assert [value for value, look in zip(given, marked, strict=True) if look is not PLAIN] == found
    assert {(look.ground, look.ink) for look in marked} <= {HIGHLIGHTS["good"][::-1], (None, None)}


def test_of_two_marks_the_first_gives_the_colours_and_both_give_the_rest() -> None:
    strong, bad = MarkStyle(bold=True), MarkStyle("F9DEDC", BAD)
    assert merged(merged(PLAIN, strong), bad) == MarkStyle("F9DEDC", BAD, bold=True)
    assert merged(bad, MarkStyle("FFFFFF", "000000")) == bad


def test_a_rule_that_is_a_formula_is_not_worked_out() -> None:
    assert styles_of(Highlight("formula", "[a] > 1"), [1]) is None
