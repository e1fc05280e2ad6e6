"""Colours that every document shares. Knows no file format.

Those of series keep a contrast of 3 to white paper, and differ from each other also for people who see no red, no
green or no blue. More than seven in a chart cannot be told apart by anybody.
"""

INK = "1D1C1A"
SOFT = "6B6862"
GROUND = "F1EEE7"  # paper, a shade deeper, so that it survives a printer
RULE = "A19D94"
HAIRLINE = "E2DFD8"
PAPER = "FFFFFF"
ACCENT = "1F4E79"
GOOD = "256B42"
LATE = "8A5206"
BAD = "A3221B"
HIGHLIGHTS = {  # text and ground, by what they mean
    "good": (GOOD, "E3F1E7"),
    "late": (LATE, "FBEBD3"),
    "bad": (BAD, "F9DEDC"),
}
SERIES = (ACCENT, "D07A12", "4899D9", "8E2C55", "2F8F5B", "7A7A7A", "5C3A1E")


def series_colour(number: int) -> str:
    """Of the series of this number, from 0; they begin again after the last."""
    return SERIES[number % len(SERIES)]


def ink_on(ground: str) -> str:
    """The colour of text that can be read on a ground."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """From 1 to 21; text wants 4.5, lines and areas 3 (Web Content Accessibility Guidelines 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance from 0 to 1 (Web Content Accessibility Guidelines 2.2)."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
