"""Values under the codes that people use are shown by Excel's rules, whatever the value is."""
# ruff: noqa: DTZ001 # moments without a zone, as cells have them

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import Column
from reports.comparing.columns import ListedColumn
from reports.number_formats.render import can_show, shown
from tests.support.workbooks.format_pairs import MOMENTS, NUMBERS, PAIRS, Value

CODES = [*NUMBERS, *MOMENTS]
DECIMALS = {"0": 0, "0.0": 1, "0.00": 2, "#,##0": 0, "#,##0.00": 2, "#,##0.000": 3, "0.0000000": 7}
# Excel shows 15 digits, so that no more are tried: with them a double and its decimal text are the same number.
NUMBER = st.decimals(-(10**9), 10**9, allow_nan=False, places=4).map(float) | st.integers(-(10**14), 10**14)
MOMENT = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 30)).map(
    lambda one: one.replace(microsecond=0)
)


@pytest.mark.parametrize(("value", "code", "text"), PAIRS)
def test_a_value_is_shown_under_its_code(value: Value, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_two_hundred_pairs_are_compared() -> None:
    assert len({(repr(value), code) for value, code, _ in PAIRS}) >= 200
    assert all(can_show(code) for code in CODES)


@given(number=NUMBER, code=st.sampled_from(sorted(DECIMALS)))
def test_a_number_is_rounded_half_away_from_zero(number: float, code: str) -> None:
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-DECIMALS[code]), ROUND_HALF_UP)
    expected = f"{rounded:,f}" if "," in code else f"{rounded:f}"
    assert shown(number, code) == (expected if rounded else expected.removeprefix("-"))


@given(number=NUMBER, code=st.sampled_from(sorted(DECIMALS)))
def test_a_percent_is_a_hundred_times_as_much_and_a_comma_a_thousandth(number: float, code: str) -> None:
    exact = Decimal(repr(number))
    assert shown(number, f"{code}%") == f"{shown(exact * 100, code)}%"
    assert shown(number, f"{code},") == shown(exact / 1000, code)


@given(number=NUMBER, code=st.sampled_from(sorted(DECIMALS)))
def test_sections_choose_by_the_sign_and_show_it_by_themselves(number: float, code: str) -> None:
    text = shown(abs(number), code)
    by_sign = {True: text, False: f"({text})"} if number else dict.fromkeys((True, False), "nil")
    assert shown(number, f'{code};({code});"nil"') == by_sign[number > 0]
    assert shown(number, f"{code};{code}") == text


@given(number=NUMBER, code=st.sampled_from(sorted(DECIMALS)))
def test_a_power_of_ten_is_the_number_again(number: float, code: str) -> None:
    mantissa, _, power = shown(number, "0.00000000000000E+00").partition("E")
    assert Decimal(mantissa).scaleb(int(power)) == Decimal(repr(number))
    assert len(power) >= 3


@given(number=st.integers(-9_999, 9_999), part=st.integers(1, 99), of=st.integers(1, 99))
def test_a_fraction_is_the_number_again(number: int, part: int, of: int) -> None:
    value = number + part / of if number >= 0 else number - part / of
    text = shown(value, "0 ??/??")
    whole, _, rest = text.lstrip("-").partition(" ")
    above, _, below = rest.partition("/")
    counted = int(whole) + (int(above) / int(below) if rest.strip() else 0)
    assert counted == pytest.approx(abs(value), abs=1e-9)


@given(moment=MOMENT)
def test_a_moment_is_spelled_as_the_calendar_has_it(moment: datetime) -> None:
    codes = {"mm/dd/yy": "%m/%d/%y", "hh:mm:ss AM/PM": "%I:%M:%S %p", "dd mmm, ddd": "%d %b, %a"}
    assert {code: shown(moment, code) for code in codes} == {
        c: moment.strftime(to) for c, to in codes.items()
    }
    assert shown(moment, "yyyy-mm-dd hh:mm:ss") == moment.isoformat(sep=" ")


@given(passed=st.timedeltas(timedelta(0), timedelta(days=9_999)), digits=st.integers(0, 3))
def test_a_duration_is_counted_in_the_unit_in_brackets(passed: timedelta, digits: int) -> None:
    fraction = f".{'0' * digits}" if digits else ""
    hours, minutes, seconds = shown(passed, f"[h]:mm:ss{fraction}").split(":")
    told = Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)
    exact = Decimal(passed // timedelta(microseconds=1)).scaleb(-6)
    assert told == exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert int(shown(passed, "[m]")) == passed // timedelta(minutes=1)


@given(value=NUMBER | MOMENT | st.text(max_size=20), code=st.sampled_from(CODES))
def test_a_note_says_what_the_cell_showed(value: Value, code: str) -> None:
    text = shown(value, code).strip()
    assert ListedColumn("c", "c", Column(format=code)).was(value) == f"was {text or 'blank'}"
