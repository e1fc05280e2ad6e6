"""Fetches one address over HTTP: limits, redirects, a snapshot and a log line for each answer."""

import json
import logging
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipelines.sources.charsets import charset_of
from pipelines.sources.errors import BadContent, FetchFailed
from pipelines.sources.limits import Limits
from pipelines.sources.paging import same_origin
from pipelines.sources.redact import redacted, scrubbed, secrets_in
from pipelines.sources.snapshots import Recorder
from presstime.versions import version_of

EXCERPT = 200  # characters of an answer shown in an error
EXCERPT_FROM = 20_000  # bytes looked at for it: pages begin with long scripts
MARKUP = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
USER_AGENT = f"Presstime/{version_of('presstime')} python-httpx/{httpx.__version__}"
DIRECT = ("all://localhost", "all://127.0.0.1", "all://[::1]")  # never asked through a company's proxy

log = logging.getLogger("presstime.web")


@dataclass(frozen=True)
class Fetched:
    """An answer. `url` is where it came from after redirects, secrets and all: show `shown` instead."""

    url: str = field(repr=False)
    shown: str
    status: int
    media_type: str
    charset: str | None
    links: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body read as JSON; raises BadContent."""
        try:
            if self.charset:
                return json.loads(self.body.decode(charset_of(self.body, self.charset) or self.charset))
            return json.loads(self.body)
        except (ValueError, LookupError, RecursionError) as error:
            shown = excerpt(self.body, secrets_in(self.url))
            raise BadContent(
                self.shown, f"is not JSON but {self.media_type} ({error}): {shown or 'an empty answer'}"
            ) from error


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Once in a process: to read all certificates takes longer than to fetch many a page."""
    return httpx.create_ssl_context()


class Fetcher:
    """One connection pool, one jar of cookies, for the time of one step."""

    def __init__(self, recorder: Recorder, limits: Limits) -> None:
        logging.getLogger("httpx").addFilter(hide_secrets)
        self._recorder = recorder
        self._limits = limits
        self._client = httpx.Client(
            headers={"User-Agent": USER_AGENT},
            timeout=httpx.Timeout(limits.read, connect=limits.connect),
            verify=_trusted(),
            mounts=dict.fromkeys(DIRECT),
        )

    def close(self) -> None:
        self._client.close()

    def get(self, url: str, params: Mapping[str, object], headers: Mapping[str, str]) -> Fetched:
        """The answer, stored as a snapshot whatever its status; raises FetchFailed unless that is 2xx."""
        address = _address(url, params)
        shown = redacted(str(address))
        try:
            response, body = self._follow(address, shown, headers)
        except FetchFailed as error:
            log.warning("GET %s", error)
            raise
        fetched = _fetched(response, body, shown)
        self._recorder.record(shown, fetched.status, fetched.media_type, fetched.charset, body)
        log.info("GET %s %d, %s bytes", shown, fetched.status, f"{len(body):,}")
        if not response.is_success:
            secrets = secrets_in(str(address)) | secrets_in(fetched.url) | set(headers.values())
            raise FetchFailed(
                shown,
                f"answered {response.status_code} {response.reason_phrase}".rstrip(),
                status=response.status_code,
                excerpt=excerpt(body, secrets),
                retry_after=self._pause(response),
            )
        return fetched

    def _follow(
        self, address: httpx.URL, shown: str, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, bytes]:
        deadline = time.monotonic() + self._limits.total
        try:
            request = self._client.build_request("GET", address, headers=dict(headers))
            for _ in range(self._limits.redirects + 1):
                response = self._client.send(request, stream=True)
                try:
                    body = self._read(response, shown, deadline)
                finally:
                    response.close()
                if response.next_request is None:
                    return response, body
                request = response.next_request
                if not same_origin(str(address), str(request.url)):
                    for name in headers:  # a key for one site is not for another
                        request.headers.pop(name, None)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(shown, _reason(error, address, self._limits)) from error
        raise FetchFailed(shown, f"redirects more than {self._limits.redirects} times")

    def _read(self, response: httpx.Response, shown: str, deadline: float) -> bytes:
        most, chunks, size = self._limits.bytes, [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > most:
                raise FetchFailed(
                    shown, f"is larger than {most:,} bytes. Ask for less, or raise limits.bytes"
                )
            if time.monotonic() > deadline:
                total = self._limits.total
                raise FetchFailed(shown, f"took more than {total:g} s. Ask for less, or raise limits.total")
            chunks.append(chunk)
        return b"".join(chunks)

    def _pause(self, response: httpx.Response) -> float | None:
        """Retry-After in seconds, whether the site gave seconds or a date."""
        said = response.headers.get("Retry-After", "").strip()
        if said.isdecimal():
            return float(said)
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        if until.tzinfo is None:
            return None
        return max(0.0, (until - self._recorder.clock()).total_seconds())


def excerpt(body: bytes, secrets: set[str]) -> str:
    """The first words of an answer, on one line, without markup."""
    text = MARKUP.sub(" ", body[:EXCERPT_FROM].decode("utf-8", "replace"))
    line = scrubbed(" ".join("".join(c if c.isprintable() else " " for c in text).split()), secrets)
    return line if len(line) <= EXCERPT else line[: EXCERPT - 3] + "..."


def hide_secrets(record: logging.LogRecord) -> bool:
    """A filter for httpx's own log, which names each address in full."""
    if isinstance(record.args, tuple):
        record.args = tuple(redacted(str(a)) if isinstance(a, httpx.URL) else a for a in record.args)
    return True


def _address(url: str, params: Mapping[str, object]) -> httpx.URL:
    try:
        address = httpx.URL(url)
        given = {name: _text(value) for name, value in params.items() if value is not None}
        address = address.copy_merge_params(given) if given else address
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(redacted(url), f"is not an address that can be fetched ({error})") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise FetchFailed(redacted(url), "is not an http:// or https:// address")
    return address


def _text(value: object) -> str | list[str]:
    if isinstance(value, list | tuple):
        return [str(_text(one)) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _fetched(response: httpx.Response, body: bytes, shown: str) -> Fetched:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    links = {
        word.lower(): link["url"]
        for relations, link in response.links.items()
        for word in (relations or "").split()
    }
    return Fetched(
        url=str(response.url),
        shown=shown,
        status=response.status_code,
        media_type=media_type or "application/octet-stream",
        charset=response.charset_encoding,
        links=links,
        body=body,
    )


def _reason(error: Exception, address: httpx.URL, limits: Limits) -> str:
    site = redacted(f"{address.scheme}://{urlsplit(str(address)).netloc.rpartition('@')[2]}")
    if isinstance(error, httpx.ConnectTimeout):
        return f"{site} did not take the connection within {limits.connect:g} s. Is it up?"
    if isinstance(error, httpx.TimeoutException):
        return f"silent for {limits.read:g} s. Try again later, or raise limits.read"
    if isinstance(error, httpx.ConnectError):
        return f"{site} cannot be reached ({_one_line(error)}). Check the address, and that the site is up"
    if isinstance(error, httpx.UnsupportedProtocol):
        return "redirects to something that is not http:// or https://"
    return f"the answer broke off ({_one_line(error)}). Try again"


def _one_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
