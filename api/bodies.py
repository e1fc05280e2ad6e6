"""Bodies that a request may carry: JSON, or nothing. Dependencies of the routes that change something."""

from typing import Annotated

from fastapi import Body, Depends, Request
from pydantic import BaseModel, ConfigDict

from presstime.errors import PresstimeError


class NotJson(PresstimeError):
    """The body is of another type than JSON."""

    def __init__(self, given: str | None) -> None:
        super().__init__(f"the body is {given or 'of no declared type'}; send it as application/json")


class Nothing(BaseModel):
    """No member is known. One that is sent is refused: whoever sends it expects that it does something."""

    model_config = ConfigDict(extra="forbid")


async def json_only(request: Request) -> None:
    """Refuse a body that does not say it is JSON. Without one there is nothing to say."""
    given = request.headers.get("content-type")
    kind = (given or "").partition(";")[0].strip().lower()
    if await request.body() and not (kind == "application/json" or kind.endswith("+json")):
        raise NotJson(given)


async def nothing_asked(
    asked: Annotated[Nothing | None, Body(description="May be left out.")] = None,
) -> None:
    """Refuse a body with members in it."""


JSON_BODY = [Depends(json_only)]
BODILESS = [*JSON_BODY, Depends(nothing_asked)]
