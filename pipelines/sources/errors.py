"""The errors of sources. Every address in a message has its secrets hidden already."""

from collections.abc import Sequence

from presstime.errors import PresstimeError

LATER = frozenset({408, 425, 429})  # Request Timeout, Too Early, Too Many Requests


class FetchFailed(PresstimeError):
    """A page could not be had: no answer, a bad status, too slow, too large.

    `retry_after` is in seconds from the answer, where the site asked for a pause.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int | None = None,
        excerpt: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.url = url
        self.status = status
        self.excerpt = excerpt
        self.retry_after = retry_after
        super().__init__(f"{url}: {reason}" + (f": {excerpt}" if excerpt else ""))

    @property
    def retryable(self) -> bool:
        """True when the same request may succeed later: a page that is not there will not come by asking again."""
        return self.status is None or self.status >= 500 or self.status in LATER


class BadContent(PresstimeError):
    """The page came, and is not what the step asked for."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"{url}: {reason}")


class TableNotFound(BadContent):
    """No table of the page is the one asked for, or several are."""

    def __init__(self, url: str, reason: str, tables: Sequence[str]) -> None:
        self.tables = tuple(tables)
        listed = "; ".join(self.tables)
        super().__init__(
            url, f"{reason} The page has {listed}." if listed else f"{reason} The page has none."
        )


class NoRows(BadContent):
    """A table without rows: an empty report must be the author's wish."""

    def __init__(self, url: str, what: str, hint: str = "") -> None:
        super().__init__(url, f"{what} has no rows{hint}. If that can be, pass allow_empty=True.")


class PagesRepeat(BadContent):
    """Following the pages leads back to one that was fetched already."""

    def __init__(self, url: str, number: int, reason: str) -> None:
        self.number = number
        super().__init__(url, f"page {number:,} {reason}")


class TooManyPages(BadContent):
    def __init__(self, url: str, most: int) -> None:
        super().__init__(
            url, f"there are more than {most:,} pages. Narrow the question, or raise limits.pages."
        )
