"""Bytes to text: by byte order mark, by what was declared, by UTF-8. Never by guessing from frequencies."""

import codecs
import re

BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
META_WITHIN = 4096  # bytes; browsers look at the first 1,024, some pages put comments before
WINDOWS = "cp1252"  # what browsers take for undeclared pages, and for all that call themselves Latin-1
LATIN = frozenset({"iso8859-1", "ascii"})


def charset_of(body: bytes, declared: str | None) -> str | None:
    """The encoding that the body's mark, or else the declaration, says; None when neither does."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return name
    return declared


def declared_in_html(body: bytes) -> str | None:
    """The charset of a `<meta>` near the start. UTF-16 is impossible there, so it means UTF-8."""
    found = META.search(body[:META_WITHIN])
    name = found[1].decode("ascii", "replace").lower() if found else None
    return "utf-8" if name and name.startswith("utf-16") else name


def decode_strictly(body: bytes, declared: str | None) -> str:
    """Text, or ValueError with the reason: unknown encoding, or a byte that it has no meaning for."""
    name = charset_of(body, declared) or "utf-8"
    try:
        return body.decode(name)
    except LookupError:
        raise ValueError(f"the encoding {name!r} is unknown; pass encoding=") from None
    except UnicodeDecodeError as error:
        said = "declared" if declared else "assumed, as nothing is declared"
        byte = error.object[error.start]
        raise ValueError(
            f"byte {error.start:,} (0x{byte:02x}) is not {name}, which is {said}; pass encoding="
        ) from None


def decode_as_browsers_do(body: bytes, declared: str | None) -> tuple[str, int]:
    """Text of a page and the number of characters lost: shown as U+FFFD, as in a browser."""
    name = charset_of(body, declared or declared_in_html(body))
    if name is None:
        try:
            return body.decode("utf-8"), 0
        except UnicodeDecodeError:
            name = WINDOWS
    try:
        if codecs.lookup(name).name in LATIN:
            name = WINDOWS
    except LookupError:
        name = "utf-8"
    text = body.decode(name, "replace")
    return text, text.count("\ufffd")
