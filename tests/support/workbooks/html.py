"""A workbook as an HTML page, read as strictly as any browser could."""

from pathlib import Path
from typing import Any

import html5lib

from tests.support.workbooks.documents import write

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
    "{{ 7*7 }}",
    "]]>",
    "a\x00b",
]


def page_of(path: Path, book: Any, **options: Any) -> Any:
    """The page as a browser reads it, once it is known that it has no fault at all."""
    write(path, book, "html", **options)
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("lxml"), strict=True, namespaceHTMLElements=False)
    return parser.parse(path.read_bytes(), transport_encoding="utf-8")


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
