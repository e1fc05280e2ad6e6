"""XML read a piece at a time, safely: no entities, no network, and never more than was agreed."""

from collections.abc import Iterator
from typing import IO

from lxml import etree

from reports.reading.book import Exhausted

CHUNK = 32 * 1024  # bytes fed to the parser at a time
PIECE = 8 * 1024**2  # bytes that become a tree at a time; as empty elements they take thirty times as much

Element = etree._Element  # noqa: SLF001 # lxml has no other name for the type


def elements(stream: IO[bytes], *names: str, most: int) -> Iterator[Element]:
    """Elements of these local names as they end, each valid until the next.

    Raises Exhausted after `most` bytes, or PIECE without such an element.
    """
    parser = etree.XMLPullParser(
        events=("end",), tag=[f"{{*}}{name}" for name in names], resolve_entities=False, no_network=True
    )
    read = found = 0  # bytes, and how many they were when the last element came
    while chunk := stream.read(CHUNK):
        read += len(chunk)
        if read > most or read - found > PIECE:
            raise Exhausted(most if read > most else PIECE)
        parser.feed(chunk)
        for _, element in parser.read_events():
            if not found:
                refuse_types(element)
            found = read
            yield element
        if found == read:
            _forget(element)
    parser.close()


def whole(stream: IO[bytes]) -> Element:
    """The root of a document that is not longer than a PIECE."""
    body = stream.read(PIECE + 1)
    if len(body) > PIECE:
        raise Exhausted(PIECE)
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    refuse_types(root)
    return root


def refuse_types(element: Element) -> None:
    """Entities are a way to make gigabytes of a few lines; no office program declares any."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it declares a document type, which no office program writes")


def local(element: Element) -> str:
    """The element's name without its namespace; empty for a comment."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def _forget(element: Element) -> None:
    """Free the element and all before it, or the tree would grow with the file."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        del parent[: parent.index(element)]
