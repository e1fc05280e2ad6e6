"""How wide a column must be to show what it holds. In characters, Excel's own unit."""

from collections.abc import Mapping, Sequence

from reports.formats import GENERAL, Kind, shown_number
from reports.text import shown_width

NARROWEST = 8
WIDEST = 60  # longer text runs on or is cut on the screen, never in the file
SAMPLE = 1_000  # texts measured per column, spread over its whole length
PADDING = 3  # an indent, and air
FILTER_BUTTON = 3  # characters that the drop-down covers
HEADER_LINES = 2
SHORT_HEADER = 12  # characters that stay on one line


def column_width(
    header: str, kind: Kind | None, texts: Sequence[str | None], formats: Mapping[Kind, str]
) -> float:
    if kind is None or kind is Kind.TEXT:
        step = max(1, len(texts) // SAMPLE)
        content = max((shown_width(text) for text in texts[::step] if text), default=0)
    elif kind is Kind.BOOLEAN:
        content = len("FALSE")
    else:
        content = _number_width(texts, formats[kind])
    return float(min(max(content + PADDING, _header_width(header), NARROWEST), WIDEST))


def header_lines(header: str, width: float) -> int:
    """Lines that the header takes when wrapped at words, as Excel does."""
    if "\n" in header:
        return sum(header_lines(line, width) for line in header.split("\n"))
    lines, room = 1, 0
    for word in header.split():
        if room and room + 1 + len(word) > width - FILTER_BUTTON:
            lines, room = lines + 1, len(word)
        else:
            room += len(word) + (1 if room else 0)
    return lines


def _header_width(header: str) -> int:
    """Wide enough for its longest word, and for the whole in a few lines."""
    widest_word = max(map(len, header.split()))
    width = max(widest_word, min(len(header), SHORT_HEADER)) + FILTER_BUTTON + 1
    while header_lines(header, width) > HEADER_LINES:
        width += 1
    return width


def _number_width(texts: Sequence[str | None], code: str) -> int:
    """A number that does not fit shows as #####, so every value counts, by way of the two extremes."""
    present = [text for text in texts if text is not None]
    if not present:
        return 0
    if code == GENERAL:
        return max(len(shown_number(text, code)) for text in present)
    return max(len(shown_number(find(present, key=float), code)) for find in (min, max))
