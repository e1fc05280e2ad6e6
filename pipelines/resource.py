"""Something that few tasks may use at a time, whichever pipelines they belong to: a site, a licence, a disk."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """Steps name it with `resource=`. Each starts only while fewer than its `limit` tasks use that name."""

    name: str
    limit: int = 1
