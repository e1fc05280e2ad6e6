"""What clients send to cancel, retry or rerun: nothing, and what is sent all the same is not passed over."""

from typing import Annotated

from fastapi import Body
from pydantic import BaseModel, ConfigDict


class Nothing(BaseModel):
    """No member is known. One that is sent is refused: whoever sends it expects that it does something."""

    model_config = ConfigDict(extra="forbid")


async def nothing_asked(
    asked: Annotated[Nothing | None, Body(description="May be left out.")] = None,
) -> None:
    """Refuse a body with members in it."""
