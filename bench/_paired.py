"""Two sides measured in turn, block by block: the ratios of their figures, how far they spread, and the limits.

Measures nothing. A machine shared with others is slow for seconds at a time; neighbours in a block meet that alike.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

STEADY = (
    0.10  # of the median: where the middle half of the blocks' ratios spreads over more, it is not judged
)

Values = Mapping[str, Sequence[float]]  # by the name of a figure, one value a block


@dataclass(frozen=True)
class Limit:
    """What a ratio may be; `said` is what it is called in a sentence."""

    figure: str
    said: str
    least: float = 0.0
    most: float = math.inf

    def __str__(self) -> str:
        return f"{self.least:g}" if self.least else f"{self.most:g}"


@dataclass(frozen=True)
class Ratio:
    """Of one figure, over all blocks."""

    median: float
    lowest: float
    highest: float
    spread: float  # from the first quartile to the third, as a part of the median

    @property
    def steady(self) -> bool:
        return self.spread <= STEADY


def ratios(ours: Values, theirs: Values, names: Sequence[str], blocks: int) -> dict[str, Ratio]:
    """By figure. One that was not measured in every block, by both sides, has none."""
    found = {}
    for name in names:
        pairs = list(zip(ours.get(name, ()), theirs.get(name, ()), strict=False))
        if len(pairs) == blocks and all(
            math.isfinite(a) and math.isfinite(b) and min(a, b) > 0 for a, b in pairs
        ):
            found[name] = _ratio([a / b for a, b in pairs])
    return found


def missed(found: Mapping[str, Ratio], limits: Sequence[Limit]) -> Iterator[str]:
    """A line for each limit that a steady ratio misses, or that nothing was measured for."""
    for limit in limits:
        ratio = found.get(limit.figure)
        if ratio is None:
            yield f"{limit.said} was not measured"
        elif ratio.steady and not limit.least <= ratio.median <= limit.most:
            yield f"{limit.said} is {ratio.median:.2f} x the peer's, limit {limit}"


def unsteady(found: Mapping[str, Ratio], limits: Sequence[Limit]) -> Iterator[str]:
    """A line for each limit that the spread keeps from being judged."""
    for limit in limits:
        ratio = found.get(limit.figure)
        if ratio is not None and not ratio.steady:
            yield (
                f"{limit.said} is {ratio.lowest:.2f} to {ratio.highest:.2f} x the peer's, the middle half of it "
                f"within {ratio.spread:.0%}: not judged, a quieter machine is needed"
            )


def _ratio(values: Sequence[float]) -> Ratio:
    first, middle, third = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3
    return Ratio(median(values), min(values), max(values), (third - first) / middle)
