"""The time of this process, passed in where it is needed. Leases go by the database's clock instead."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]  # returns an aware datetime in UTC


def utc_now() -> datetime:
    return datetime.now(UTC)
