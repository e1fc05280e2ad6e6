"""Bytes to text: by byte order mark, by what the server or the page says, by what fits."""

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
META = re.compile(rb"""<meta[^>]+charset=["']?\s*([\w-]+)""", re.IGNORECASE)
XML = re.compile(rb"""^\s*<\?xml[^>]+encoding=["']([\w-]+)""", re.IGNORECASE)
HEAD = 2048  # bytes in which a page names its encoding (HTML standard: the first 1,024)


def encoding_of(body: bytes, charset: str | None) -> str:
    """The name of an encoding that decodes `body` without a fault."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return name
    declared = META.search(body[:HEAD]) or XML.search(body[:HEAD])
    said = declared.group(1).decode() if declared else ""
    for encoding in (charset or "", said, "utf-8", "cp1252"):
        if encoding and _fits(body, encoding):
            return encoding
    return "latin-1"  # every byte is a character of it


def _fits(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
