"""Cursors of pages: opaque to clients, the last id that they have seen to us."""

import base64
import binascii
from uuid import UUID

from presstime.errors import PresstimeError

VERSION = b"\x01"  # of the form, so that a later one can be told apart


class BadCursor(PresstimeError):
    def __init__(self) -> None:
        super().__init__("cursor is not one that this API gave; leave it out to start at the newest")


def write_cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(VERSION + last.bytes).rstrip(b"=").decode()


def read_cursor(text: str) -> UUID:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    if len(raw) != 17 or not raw.startswith(VERSION):
        raise BadCursor
    return UUID(bytes=raw[1:])
