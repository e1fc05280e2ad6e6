"""What a picture stands on: the colours of paper, or of a dark page."""

from dataclasses import dataclass

from reports.palette import BAD, GOOD, GROUND, HAIRLINE, INK, LATE, PAPER, RULE, SERIES, SOFT, luminance

DARK_PAPER = "1E1D1B"
# Every colour of the palette with its counterpart on the dark ground, in the same order of hues.
ON_DARK = {
    INK: "ECEBE7",
    SOFT: "A19D94",
    GROUND: "2A2926",
    RULE: "6B6862",
    HAIRLINE: "34322E",
    PAPER: DARK_PAPER,
    GOOD: "6CC391",
    LATE: "E0A84A",
    BAD: "F08A82",
    **dict(zip(SERIES, ("8DB8E0", "E8A04C", "4A9BDB", "D983A6", "5FBF8C", "A8A49C", "B98A64"), strict=True)),
}
OTHERS = RULE  # of the slices that are drawn as one


@dataclass(frozen=True)
class Colours:
    """Each with its `#`."""

    paper: str
    ink: str
    soft: str
    rule: str
    hairline: str
    others: str
    series: tuple[str, ...]

    def of_series(self, number: int) -> str:
        return self.series[number % len(self.series)]


def colours(*, dark: bool) -> Colours:
    def seen(colour: str) -> str:
        return f"#{ON_DARK[colour] if dark else colour}"

    return Colours(
        seen(PAPER),
        seen(INK),
        seen(SOFT),
        seen(RULE),
        seen(HAIRLINE),
        seen(OTHERS),
        tuple(map(seen, SERIES)),
    )


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (Web Content Accessibility Guidelines 2.2)."""
    high, low = sorted((luminance(one.lstrip("#")), luminance(other.lstrip("#"))), reverse=True)
    return (high + 0.05) / (low + 0.05)
