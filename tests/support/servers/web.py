"""A small web site on loopback that a test furnishes: real HTTP, no mock."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pipelines.sources import Limits, Web

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)  # when a recorder of these tests fetches


class Hasty(Web):
    """A client that soon has enough of a site."""

    limits = Limits(connect=2, read=0.2, total=0.3, bytes=1000, redirects=2, pages=3)


@dataclass(frozen=True)
class Answer:
    body: bytes
    media_type: str = "text/html"
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()


@dataclass
class Asked:
    path: str  # with its query
    headers: Mapping[str, str]


Page = Answer | Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """Pages by path, the query included. `asked` tells what was requested, in order."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(Asked(self.path, dict(self.headers)))
                page = site.pages.get(self.path, Answer(b"nothing is here", "text/plain", 404))
                if isinstance(page, Answer):
                    _send(self, page)
                else:
                    page(self)

            def log_message(self, *_: object) -> None:
                """Silent: the tests' output is not a server's log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def put(self, path: str, body: bytes | str, media_type: str = "text/html", **headers: str) -> str:
        """Publish a page; its address. Names of headers are written with `_` for `-`."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        raw = body.encode() if isinstance(body, str) else body
        self.pages[path] = Answer(raw, media_type, headers=named)
        return self.url + path

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.media_type)
    handler.send_header("Content-Length", str(len(answer.body)))
    for name, value in answer.headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(answer.body)
