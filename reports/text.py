"""What text an Excel cell can hold, and how wide it shows. Knows no file format."""

import re
from unicodedata import east_asian_width

MAX_TEXT = 32_767  # UTF-16 units in a cell (Microsoft, "Excel specifications and limits")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not characters of XML 1.0


def utf16_length(text: str) -> int:
    """Excel's measure of length: an emoji counts as two."""
    return len(text) + sum(sign > "\uffff" for sign in text) if not text.isascii() else len(text)


def fault_in_text(text: str) -> str | None:
    """Why Excel cannot hold `text`, or None."""
    if len(text) * 2 > MAX_TEXT and (length := utf16_length(text)) > MAX_TEXT:
        return f"the text has {length:,} characters; a cell holds {MAX_TEXT:,}. Shorten it or split it"
    if found := FORBIDDEN.search(text):
        return f"the text has the control character {found.group()!r} at position {found.start()}; remove it"
    return None


def made_writable(text: str) -> str:
    """`text` with forbidden characters spelled out (`\\x1b`) and what is too long cut with a word on it."""
    spelled = spelled_out(text)
    if len(spelled) * 2 <= MAX_TEXT:
        return spelled
    return f"{spelled[: MAX_TEXT // 2 - 40]} ... ({len(spelled):,} characters in all)"


def spelled_out(text: str) -> str:
    return FORBIDDEN.sub(lambda found: ascii(found.group())[1:-1], text)


def without_forbidden(text: str) -> str:
    return FORBIDDEN.sub("", text)


def cut_text(text: str) -> str:
    """As much of `text` as a cell holds."""
    shorter = text[:MAX_TEXT]
    while utf16_length(shorter) > MAX_TEXT:
        shorter = shorter[: -max(1, (utf16_length(shorter) - MAX_TEXT) // 2)]
    return shorter


def shown_width(text: str) -> int:
    """Columns of the widest line; an ideograph takes two."""
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.split("\n"))


def counted(count: int, what: str) -> str:
    """`1 row`, `1,000 rows`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
