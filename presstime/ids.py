"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VERSION, VARIANT = 7 << 76, 2 << 62


def new_id() -> UUID:
    return uuid_utils.compat.uuid7()


def first_id(instant: datetime, *, later: timedelta = timedelta(0)) -> UUID:
    """The smallest id of that millisecond: what was made earlier has a smaller one.

    `later` shifts it, without running out of the years that a datetime can hold.
    """
    milliseconds = (instant - EPOCH + later) // timedelta(milliseconds=1)
    return UUID(int=max(milliseconds, 0) << 80 | VERSION | VARIANT)
