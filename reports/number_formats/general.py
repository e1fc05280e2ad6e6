"""Numbers as a cell without a format shows them: `General`."""

from decimal import ROUND_HALF_UP, Decimal

MOST_CHARACTERS = 11  # of a number with its point (ECMA-376, part 1, 18.8.30)
LEAST_POWER = -4  # of ten: smaller numbers are shown by powers
POWER_DECIMALS = Decimal("0.00001")


def exact(number: float | Decimal) -> Decimal:
    """Return the number by its shortest decimal digits: 1.005 is no less than it says."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def general(number: float | Decimal) -> str:
    """Return the number with as many digits as Excel shows where a cell is wide enough."""
    value = exact(number)
    sign, value = "-" if value < 0 else "", abs(value)
    if not value:
        return "0"
    if value.adjusted() >= LEAST_POWER:
        before_point = max(value.adjusted() + 1, 1)
        decimals = max(0, MOST_CHARACTERS - 1 - before_point)
        rounded = round_half_up(value, decimals) if before_point <= MOST_CHARACTERS else value
        if rounded < 10**MOST_CHARACTERS:
            return sign + _without_zeros(format(rounded, "f"))
    return sign + _by_powers(value)


def round_half_up(number: Decimal, decimals: int) -> Decimal:
    """Return a number without a sign rounded as spreadsheets do, half away from zero."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _by_powers(value: Decimal) -> str:
    power = value.adjusted()
    mantissa = value.scaleb(-power).quantize(POWER_DECIMALS, ROUND_HALF_UP)
    if mantissa >= 10:
        mantissa, power = mantissa / 10, power + 1
    return f"{_without_zeros(format(mantissa, 'f'))}E{'-' if power < 0 else '+'}{abs(power):02}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
