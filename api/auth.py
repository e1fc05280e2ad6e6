"""Lets nobody below /api/ without the token. Health and the description of the API are open.

The description (OpenAPI) is the same on every installation and names no pipeline, so it needs no secret, and
generators of clients can read it.
"""

import hashlib
import hmac
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from presstime.errors import PresstimeError

GUARDED = "/api/"
ACTOR = "api token"  # who asked, as runs name it, while there is one token for everybody

# For the description of the API: the gate below has read the header by then.
bearer_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="PRESSTIME_TOKEN, or the file `token` in the data folder.",
)


class Unauthorized(PresstimeError):
    def __init__(self, *, given: bool) -> None:
        self.challenge = 'Bearer realm="presstime"' + (', error="invalid_token"' if given else "")
        what = "is not the one of this installation" if given else "is missing"
        super().__init__(
            f"the token {what}: send `Authorization: Bearer TOKEN`; it is PRESSTIME_TOKEN, "
            "or in the file `token` of the data folder"
        )


async def let_in(
    request: Request, described: Annotated[HTTPAuthorizationCredentials | None, Security(bearer_scheme)]
) -> None:
    """Fail closed: under a prefix that the gate does not know, its paths are not those of the routes."""
    if not hasattr(request.state, "actor"):
        raise Unauthorized(given=described is not None)


class TokenGate:
    """Stands before the routes and before the parsing of bodies, so that a new route cannot forget it.

    Raises Unauthorized.
    """

    def __init__(self, app: ASGIApp, *, token: str, open_paths: frozenset[str]) -> None:
        self._app = app
        self._expected = _digest(token.encode())
        self._open = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and self._guards(scope["path"]):
            self._check(Headers(scope=scope).get("authorization"))
            scope.setdefault("state", {})["actor"] = ACTOR
        await self._app(scope, receive, send)

    def _guards(self, path: str) -> bool:
        return path.startswith(GUARDED) and path not in self._open

    def _check(self, header: str | None) -> None:
        kind, _, given = (header or "").partition(" ")
        if kind.lower() != "bearer" or not given.strip():
            raise Unauthorized(given=False)
        # Digests, so that neither content nor length shows in the time that it takes.
        if not hmac.compare_digest(_digest(given.strip().encode()), self._expected):
            raise Unauthorized(given=True)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
