"""The limits of a source: how long it waits and how much it takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts after which a fetch is given up.

    `read` is the longest silence, `total` the longest time for one page, redirects included; `bytes` counts
    after decompression. A step that needs others asks for a subclass: `class Slow(Web): limits = Limits(...)`.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    bytes: int = 100 * 1024 * 1024
    redirects: int = 10
    pages: int = 10_000
