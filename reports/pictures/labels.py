"""How the names of categories stand below an axis: in lines, turned, or only some of them."""

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

CHARACTER = 6.2  # pixels, about
MOST_LINES = 3
TURNED = 16.0  # pixels between two labels that are turned
LONGEST = 120  # pixels of a turned label; the rest is cut, and is in the table
ANGLE = -40  # degrees


def upright_labels(
    labels: Sequence[str], room: float
) -> tuple[Sequence[str | list[str]], int, dict[str, Any]]:
    """What they say, every how many of them is shown, and options of the axis. `room` is in pixels for each."""
    widest = max((len(label) for label in labels), default=0) * CHARACTER
    if widest + CHARACTER <= room:
        return labels, 1, {}
    most = int(room / CHARACTER) - 1
    if most > 0 and max(len(word) for label in labels for word in label.split() or [""]) <= most:
        lines = [wrap(label, most, break_on_hyphens=False) or [""] for label in labels]
        if max(map(len, lines)) <= MOST_LINES:
            return lines, 1, {}
    every = math.ceil(TURNED / room)
    apart = math.ceil((widest + 2 * CHARACTER) / room)
    if every > 1 and len(labels) > apart * 2 and widest <= LONGEST:
        return labels, apart, {}  # of so many, some that lie are easier to read
    return labels, every, {"labelAngle": ANGLE, "labelAlign": "right", "labelLimit": LONGEST}
