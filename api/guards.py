"""The guards that every request passes: a host that is ours, a body of bearable size, headers for safety.

Plain ASGI, because a middleware on request and response objects would take streams apart.
"""

import ipaddress
import logging
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presstime.errors import PresstimeError

log = logging.getLogger("presstime.api")

MAX_BODY = 1024 * 1024  # bytes; parameters of a run take some hundred
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(?::\d*)?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
DEFAULTS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
# Reports may be HTML made from the pages of others: below /api/ nothing is to be executed.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

ErrorResponse = Callable[[PresstimeError, str], Response]
CrashResponse = Callable[[str], Response]


class HostRefused(PresstimeError):
    def __init__(self, host: str | None) -> None:
        super().__init__(
            f"host {host!r} is not served here: use localhost, 127.0.0.1 or what PRESSTIME_API_HOST says"
        )


class BodyTooLarge(PresstimeError):
    def __init__(self) -> None:
        super().__init__(
            f"the body has more than {MAX_BODY:,} bytes; parameters should name data, not hold it"
        )


class Answers:
    """Adds headers to each response, and turns what is raised below into one."""

    def __init__(self, app: ASGIApp, *, refuse: ErrorResponse, crash: CrashResponse) -> None:
        self._app = app
        self._refuse = refuse
        self._crash = crash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        try:
            await self._app(scope, receive, send_safely)
        except Exception as error:
            if started:
                raise  # the server cuts the connection, so that nobody takes half a file for a whole one
            await self._answer(error, scope["path"])(scope, receive, send_safely)

    def _answer(self, error: Exception, path: str) -> Response:
        if isinstance(error, PresstimeError):
            return self._refuse(error, path)
        log.error("a request to %s crashed", path, exc_info=error)
        return self._crash(path)


class HostGate:
    """Serves only names of its own when it listens on loopback.

    Otherwise a page of somebody else's could point its own name at 127.0.0.1 and read what we answer.
    """

    def __init__(self, app: ASGIApp, *, api_host: str) -> None:
        self._app = app
        self._allowed = LOOPBACK | {_in_a_url(api_host)} if _is_loopback(api_host) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._allowed is not None and scope["type"] in {"http", "websocket"}:
            header = Headers(scope=scope).get("host")
            found = HOST.fullmatch((header or "").lower())
            if found is None or found[1] not in self._allowed:
                raise HostRefused(header)
        await self._app(scope, receive, send)


class BodyGate:
    """Takes a body in before anything else happens, and refuses one that is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = [await _take_in(Headers(scope=scope), receive)]

        async def replay() -> Message:
            return taken.pop() if taken else await receive()

        await self._app(scope, replay, send)


async def _take_in(headers: Headers, receive: Receive) -> Message:
    """The whole body as one message, or the news that the client has gone."""
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:12]) > MAX_BODY:
        raise BodyTooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}


def _add_headers(headers: MutableHeaders, path: str) -> None:
    for name, value in DEFAULTS.items():
        headers.setdefault(name, value)
    if path.startswith("/api/"):
        headers.setdefault("Content-Security-Policy", SANDBOX)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _in_a_url(host: str) -> str:
    return f"[{host.lower()}]" if ":" in host else host.lower()
