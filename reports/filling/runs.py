"""Formatted text of a cell, spelled for a sheet's own namespaces. Knows no values."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from reports.excel.values import escaped
from reports.filling.package import children, local

QUOTE = {'"': "&quot;"}
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def runs_xml(runs: Sequence[Any], texts: Sequence[str], prefix: str) -> str:
    made = etree.Element("is")
    for run, text in zip(runs, texts, strict=True):
        if text:
            copy = deepcopy(run)
            for t in children(copy, "t"):
                t.text = escaped(text)
                t.set(XML_SPACE, "preserve")
            made.append(copy)
    return inline_xml(made, prefix)


def inline_xml(element: Any, prefix: str) -> str:
    """An element of the sheet again, without the namespaces that its root declares."""
    copy = deepcopy(element)
    inner = "".join(_spelled(child, prefix) for child in copy)
    return f"<{prefix}is>{inner}</{prefix}is>"


def _spelled(element: Any, prefix: str) -> str:
    name = f"{prefix}{local(element)}"
    told = "".join(
        f' {"xml:space" if key.startswith("{") else key}="{escape(value, QUOTE)}"'
        for key, value in element.attrib.items()
    )
    inner = escape(element.text or "").replace("\r", "&#13;") + "".join(
        _spelled(child, prefix) for child in element
    )
    return f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>"
