"""Digits put into the placeholders of a format code: `0` shows a zero, `?` a blank, `#` nothing."""

from collections.abc import Iterator

PADS = {"0": "0", "?": " ", "#": ""}


def whole_places(digits: str, holders: str, *, grouped: bool) -> list[str]:
    """Return what stands in each of the placeholders before the point; the first takes all that is left over.

    `digits` are none for a number below 1.
    """
    size = len(holders)
    padded = digits.rjust(size, "\0")
    extra = len(padded) - size
    places = [_with_comma(sign, len(padded) - 1 - at, grouped=grouped) for at, sign in enumerate(padded)]
    shown = ["".join(places[: extra + 1]), *places[extra + 1 :]]
    return [
        text if "\0" not in text else _padding(holder, size - 1 - number, grouped=grouped)
        for number, (text, holder) in enumerate(zip(shown, holders, strict=True))
    ]


def whole_digits(digits: str, holders: str, *, grouped: bool) -> str:
    """Return the same as one text."""
    return "".join(whole_places(digits, holders, grouped=grouped))


def decimal_places(digits: str, holders: str) -> Iterator[str]:
    """Yield what stands in each of the placeholders after the point, of which zeros at the end may be none."""
    last = len(digits.rstrip("0"))
    for number, (digit, holder) in enumerate(zip(digits, holders, strict=True)):
        needed = number < last or "0" in holders[number:]
        yield digit if needed else PADS[holder]


def _with_comma(sign: str, from_right: int, *, grouped: bool) -> str:
    return f"{sign}," if grouped and from_right and from_right % 3 == 0 else sign


def _padding(holder: str, from_right: int, *, grouped: bool) -> str:
    pad = PADS[holder]
    comma = grouped and from_right and from_right % 3 == 0
    return f"{pad}{',' if holder == '0' else pad}" if comma else pad
