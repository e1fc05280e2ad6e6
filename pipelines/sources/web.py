"""`Web`, what an extract step asks for to fetch pages, APIs and files over HTTP."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pipelines.sources.errors import PagesRepeat, TooManyPages
from pipelines.sources.limits import Limits
from pipelines.sources.paging import Announced, Page, Paging, same_origin
from pipelines.sources.redact import redacted
from pipelines.sources.snapshots import Recorder

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.sources.fetch import Fetched, Fetcher

NOTHING: Mapping[str, str] = {}


class Web:
    """Fetches over HTTP. Each answer is kept as a snapshot; a status other than 2xx is an error.

    `**params` are added to the address: dates in ISO form, lists repeated, None left out. A parameter that is
    named like an argument here goes into the address itself. `headers` are sent to the site asked for and to
    no other, and never logged.
    """

    __presstime_provider__: ClassVar[str] = "web"
    __presstime_source__: ClassVar[bool] = True

    limits: ClassVar[Limits] = Limits()

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._opened: Fetcher | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def get(self, url: str, /, *, headers: Mapping[str, str] = NOTHING, **params: object) -> "Fetched":
        """The answer as it is: `.body` in bytes, `.media_type`, `.json()`."""
        return self._fetcher.get(url, params, headers)

    def json(self, url: str, /, *, headers: Mapping[str, str] = NOTHING, **params: object) -> Any:
        """One JSON document."""
        return self._fetcher.get(url, params, headers).json()

    def json_pages(
        self,
        url: str,
        /,
        *,
        paging: Paging | None = None,
        headers: Mapping[str, str] = NOTHING,
        **params: object,
    ) -> Iterator[Any]:
        """The JSON of each page, one after the other.

        Without `paging` an answer must say itself where the next page is: by a Link header or a member `next`.
        A page that comes twice is an error, and so are more than `limits.pages`.
        """
        for page in self._pages(url, paging or Announced(), headers, params):
            yield page.value

    def json_rows(
        self,
        url: str,
        /,
        *,
        rows: str = "",
        paging: Paging | None = None,
        headers: Mapping[str, str] = NOTHING,
        **params: object,
    ) -> list[Any]:
        """The rows of all pages in one list. `rows` is the dotted path of each page's list, as `data.items`."""
        pages = self._pages(url, paging or Announced(), headers, params)
        return [row for page in pages for row in page.rows(rows)]

    def table(
        self,
        url: str,
        /,
        *,
        caption: str | None = None,
        id: str | None = None,  # noqa: A002 # HTML's own word, which authors know
        match: str | None = None,
        number: int | None = None,
        header: int | None = None,
        dtypes: Mapping[str, str] | None = None,
        decimal: str = ".",
        thousands: str | None = None,
        allow_empty: bool = False,
        headers: Mapping[str, str] = NOTHING,
        **params: object,
    ) -> "pd.DataFrame":
        """One table of an HTML page.

        It is found by a part of its caption, its id, a regular expression that its text matches, or its place
        among those that are left (`number`, from 0). With none of these the page must have one table of data.
        `header` is the number of header rows where the page does not say; several are joined by a space.
        A column is of numbers (`Int64`, `Float64`) if each value is one and loses nothing by it: 007 stays
        text. `dtypes` settles the type of columns whatever the page holds. Blank cells are missing.
        """
        from pipelines.sources.tables import Numbers, Wanted, read_table  # noqa: PLC0415 # loads pandas and lxml

        page = self._fetcher.get(url, params, headers)
        wanted = Wanted(caption=caption, id=id, match=match, number=number)
        return read_table(
            page,
            wanted,
            header=header,
            dtypes=dtypes or {},
            numbers=Numbers(decimal, thousands),
            allow_empty=allow_empty,
        )

    def csv(
        self,
        url: str,
        /,
        *,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] = NOTHING,
        encoding: str | None = None,
        allow_empty: bool = False,
        **options: Any,
    ) -> "pd.DataFrame":
        """A CSV file, read by `pandas.read_csv` with its `options`.

        Unlike pandas alone: types are the nullable ones, only empty cells are missing (`NA` is a text), the
        encoding is that of the byte order mark, of `encoding`, of the answer's charset, or else UTF-8, and
        what does not fit is an error.
        """
        from pipelines.sources.delimited import read_csv  # noqa: PLC0415 # loads pandas

        page = self._fetcher.get(url, params or {}, headers)
        return read_csv(page, encoding=encoding, allow_empty=allow_empty, options=options)

    @property
    def _fetcher(self) -> "Fetcher":
        from pipelines.sources.fetch import Fetcher  # noqa: PLC0415 # loads httpx: not for those who only list

        if self._opened is None:
            self._opened = Fetcher(self._recorder, self.limits)
        return self._opened

    def _pages(
        self, url: str, paging: Paging, headers: Mapping[str, str], params: Mapping[str, object]
    ) -> Iterator[Page]:
        seen: set[str] = set()
        before, following = b"", url
        for number in range(1, self.limits.pages + 1):
            allowed = headers if same_origin(url, following) else NOTHING
            answer = self._fetcher.get(following, params if number == 1 else {}, allowed)
            if number > 1 and answer.body == before:
                raise PagesRepeat(
                    answer.shown, number, "is the same as the one before; is it paged another way?"
                )
            page = Page(answer.url, answer.json(), answer.links)
            seen |= {following, answer.url}
            yield page
            target = paging.following(page)
            if target is None:
                return
            if target in seen:
                raise PagesRepeat(
                    redacted(target), number + 1, "was fetched before; the pages run in a circle"
                )
            before, following = answer.body, target
        raise TooManyPages(redacted(url), self.limits.pages)
