"""Paging: how an API names its next page. Pure: an answer in, an address or None out. Knows no HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipelines.sources.errors import BadContent
from pipelines.sources.redact import redacted

MISSING = object()


@dataclass(frozen=True)
class Page:
    """One answer: its address, its JSON, its `Link` header by relation."""

    url: str
    value: Any  # JSON
    links: Mapping[str, str]

    def at(self, path: str) -> Any:
        """The member at a dotted path, such as `meta.next`; MISSING where there is none."""
        found = self.value
        for name in path.split(".") if path else ():
            if not isinstance(found, dict) or name not in found:
                return MISSING
            found = found[name]
        return found

    def rows(self, path: str) -> list[Any]:
        """The list at a dotted path; the page itself when the path is empty. Raises BadContent."""
        found = self.at(path)
        if isinstance(found, list):
            return found
        where = f"at {path!r}" if path else "as a whole"
        kind = "nothing" if found is MISSING else type(found).__name__
        has = f"; it has {', '.join(map(repr, self.value))}" if isinstance(self.value, dict) else ""
        raise BadContent(redacted(self.url), f"wanted a list {where}, found {kind}{has}; name it with rows=")


class Paging(Protocol):
    """A style of paging."""

    def following(self, page: Page) -> str | None:
        """The address of the page after this one; None when this is the last."""
        ...


@dataclass(frozen=True)
class LinkHeader:
    """`Link: <...>; rel="next"` (RFC 8288), as GitHub does. No such link: the last page."""

    relation: str = "next"

    def following(self, page: Page) -> str | None:
        target = page.links.get(self.relation)
        return urljoin(page.url, target) if target else None


@dataclass(frozen=True)
class NextField:
    """A member of the answer that holds the next address, whole or relative; null or empty on the last."""

    path: str = "next"

    def following(self, page: Page) -> str | None:
        target = page.at(self.path)
        if target is MISSING or target is None or target == "":
            return None
        if not isinstance(target, str):
            raise BadContent(
                redacted(page.url),
                f"{self.path!r} is {target!r}, not an address; is it a Cursor or a PageNumber?",
            )
        return urljoin(page.url, target)


@dataclass(frozen=True)
class Cursor:
    """A member of the answer that the next question must carry as parameter `name`; null or empty at the end."""

    name: str = "cursor"
    path: str = "next_cursor"

    def following(self, page: Page) -> str | None:
        value = page.at(self.path)
        if value is MISSING or value is None or value == "" or value is False:
            return None
        return with_query(page.url, self.name, str(value))


@dataclass(frozen=True)
class PageNumber:
    """Numbered pages: `?page=2`. The last is the one that `pages` tells, or else an empty one.

    A page that holds fewer rows than others is not taken for the last: some sites leave rows out.
    """

    name: str = "page"
    first: int = 1
    pages: str = ""  # path of the number of pages, such as `meta.pages`
    rows: str = ""  # path of the list that is empty at the end

    def following(self, page: Page) -> str | None:
        number = _number_in(page.url, self.name, self.first)
        if self.pages:
            if number - self.first + 1 >= _count(page, self.pages):
                return None
        elif not page.rows(self.rows):
            return None
        return with_query(page.url, self.name, str(number + 1))


@dataclass(frozen=True)
class Offset:
    """`?skip=200`: moves on by `size`, not by the rows received, for a page may hold fewer than it should.

    The last page is the one that reaches `total`, or else an empty one.
    """

    name: str
    size: int
    total: str = ""  # path of the number of all rows, such as `meta.count`
    rows: str = ""  # path of the list that is empty at the end

    def following(self, page: Page) -> str | None:
        after = _number_in(page.url, self.name, 0) + self.size
        if self.total:
            if after >= _count(page, self.total):
                return None
        elif not page.rows(self.rows):
            return None
        return with_query(page.url, self.name, str(after))


@dataclass(frozen=True)
class Announced:
    """A `Link` header, or else a member `next`. An object that has neither is refused, not taken as the last.

    A list without a link is a whole answer: GitHub sends none when there is one page.
    """

    def following(self, page: Page) -> str | None:
        if target := LinkHeader().following(page):
            return target
        if page.links or isinstance(page.value, list):
            return None
        if page.at("next") is MISSING:
            raise BadContent(
                redacted(page.url),
                "the answer has neither a Link header nor a member 'next'; say how it is paged with paging=, "
                "or take a single page with json()",
            )
        return NextField().following(page)


def with_query(url: str, name: str, value: str) -> str:
    """The address with one parameter set, the others as they are."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, value)]), fragment=""))


def same_origin(one: str, other: str) -> bool:
    """Return whether two addresses lie on one site, so that what opens one may be sent to the other."""
    parts = (urlsplit(one), urlsplit(other))
    first, second = ((part.scheme, part.hostname, _port(part.scheme, part.port)) for part in parts)
    return first == second


def _port(scheme: str, port: int | None) -> int | None:
    return port or {"http": 80, "https": 443}.get(scheme)


def _number_in(url: str, name: str, default: int) -> int:
    found = dict(parse_qsl(urlsplit(url).query)).get(name)
    if found is None:
        return default
    if not found.isdecimal():
        raise BadContent(redacted(url), f"parameter {name!r} is {found!r}, not a number")
    return int(found)


def _count(page: Page, path: str) -> int:
    found = page.at(path)
    if isinstance(found, bool) or not isinstance(found, int):
        what = "missing" if found is MISSING else f"{found!r}, not a whole number"
        raise BadContent(redacted(page.url), f"{path!r}, which should say how much there is, is {what}")
    return found
