"""Sparklines as SVG, a picture of a line's height: the same bytes for the same numbers. Knows no tables."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from reports.palette import ACCENT, BAD, RULE, SERIES
from reports.sparklines import Sparkline

WIDTH, HEIGHT = 120.0, 24.0  # of a picture's own units; a page may scale it
EDGE = 3.0  # that a dot at the edge needs
DOT, LARGE_DOT = 1.5, 2.4
FILLED = 0.75  # of a column's share of the width
FLAT = 1.0  # height of a column that stands for 0, so that it can be told from a gap

Numbers = Sequence[float | None]


def spark_svg(one: Sparkline, numbers: Numbers, ends: tuple[float, float] | None, said: str) -> str:
    """`ends` are the lowest and highest number of its scale; None: those of `numbers`. `said` is it in words."""
    filled = [number for number in numbers if number is not None]
    drawn = "".join(_drawn(one, numbers, ends or (min(filled), max(filled)))) if filled else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="spark" role="img" width="{WIDTH:g}" height="{HEIGHT:g}" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}"><title>{escape(said)}</title>{drawn}</svg>'
    )


def _drawn(one: Sparkline, numbers: Numbers, ends: tuple[float, float]) -> Iterator[str]:
    if one.kind == "win_loss":
        signs = [None if number is None else (number > 0) - (number < 0) for number in numbers]
        yield from _columns(one, signs, _coloured(one, numbers), (-1.0, 1.0), flat=0.0)
        return
    low, high = (min(ends[0], 0.0), max(ends[1], 0.0)) if one.kind == "column" else ends
    if low < 0 < high:
        y = _text(_height(0.0, low, high))
        yield f'<line x1="0" y1="{y}" x2="{WIDTH:g}" y2="{y}" stroke="#{RULE}" stroke-width="0.75"/>'
    if one.kind == "column":
        yield from _columns(one, numbers, _coloured(one, numbers), (low, high), flat=FLAT)
    else:
        yield from _line(one, numbers, low, high)


def _line(one: Sparkline, numbers: Numbers, low: float, high: float) -> Iterator[str]:
    """Broken where numbers are missing; a number alone between two gaps is a dot."""
    step = (WIDTH - 2 * EDGE) / (len(numbers) - 1)
    points = [
        None if number is None else f"{_text(EDGE + place * step)},{_text(_height(number, low, high))}"
        for place, number in enumerate(numbers)
    ]
    alone = set()
    for missing, run in groupby(enumerate(points), key=lambda pair: pair[1] is None):
        places = [place for place, _ in run]
        if not missing and len(places) > 1:
            joined = " ".join(points[place] or "" for place in places)
            yield (
                f'<polyline points="{joined}" fill="none" stroke="#{one.colour.upper()}" stroke-width="1.5" '
                'stroke-linejoin="round" stroke-linecap="round"/>'
            )
        alone |= set() if missing or len(places) > 1 else set(places)
    coloured = _coloured(one, numbers)
    for place, point in enumerate(points):
        if point is not None and (one.markers or place in alone or place in coloured):
            x, y = point.split(",")
            size = LARGE_DOT if place in coloured else DOT
            yield f'<circle cx="{x}" cy="{y}" r="{size}" fill="#{coloured.get(place, one.colour.upper())}"/>'


def _columns(
    one: Sparkline, numbers: Numbers, coloured: dict[int, str], ends: tuple[float, float], *, flat: float
) -> Iterator[str]:
    step = WIDTH / len(numbers)
    ground = _height(0.0, *ends)
    for place, number in enumerate(numbers):
        if number is None:
            continue
        top, bottom = sorted((_height(number, *ends), ground))
        tall = max(bottom - top, flat)
        if tall:
            x, y = _text((place + (1 - FILLED) / 2) * step), _text(min(top, bottom - tall))
            yield (
                f'<rect x="{x}" y="{y}" width="{_text(step * FILLED)}" height="{_text(tall)}" '
                f'fill="#{coloured.get(place, one.colour.upper())}"/>'
            )


def _coloured(one: Sparkline, numbers: Numbers) -> dict[int, str]:
    """The points of another colour; of a point that is several things, the last that was asked for."""
    places = [place for place, number in enumerate(numbers) if number is not None]
    filled = [number for number in numbers if number is not None]
    negative = [place for place in places if (numbers[place] or 0) < 0]
    of_points = {
        "high": [place for place in places if numbers[place] == max(filled)],
        "low": [place for place in places if numbers[place] == min(filled)],
        "first": places[:1],
        "last": places[-1:],
    }
    point = SERIES[1] if one.colour.upper() != SERIES[1] else ACCENT
    found = dict.fromkeys(negative, BAD) if "negative" in one.points or one.kind == "win_loss" else {}
    return found | {place: point for name in one.points for place in of_points.get(name, [])}


def _height(number: float, low: float, high: float) -> float:
    """From the top; in the middle where all numbers are the same."""
    share = (number - low) / (high - low) if high > low else 0.5
    return EDGE + (1 - share) * (HEIGHT - 2 * EDGE)


def _text(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")
