"""The headers of a download: byte ranges, entity tags and the file's name (RFC 9110, RFC 6266). Pure."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from presstime.errors import PresstimeError

SINGLE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)
TAGS = re.compile(r'(?:W/)?("[^"]*")')
ATTR_CHARS = "!#$&+-.^_`|~"  # what RFC 8187 lets stand as it is, beside letters and digits


class RangeNotSatisfiable(PresstimeError):
    def __init__(self, asked: str, size: int) -> None:
        self.size = size
        super().__init__(f"range {asked!r} starts behind the end of a file of {size:,} bytes")


@dataclass(frozen=True)
class ByteRange:
    """The bytes from `start` up to, not including, `end`."""

    start: int
    end: int


def wanted_range(header: str | None, size: int) -> ByteRange | None:
    """The part that is asked for; None for all of it, which also answers what is not one range of bytes."""
    found = SINGLE.fullmatch(header) if header else None
    if header is None or found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None  # invalid, so to be ignored
    if start >= size:
        raise RangeNotSatisfiable(header, size)
    return ByteRange(start, end)


def has_tag(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match names the tag; weak and strong ones compare alike there."""
    return header is not None and (header.strip() == "*" or etag in TAGS.findall(header))


def disposition(filename: str) -> str:
    """Content-Disposition with a name for old clients, in ASCII, and the true one for all others."""
    name = "".join("_" if unicodedata.category(c).startswith("C") or c in "/\\" else c for c in filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["%;]', "_", plain).strip() or "report"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe=ATTR_CHARS)}"
