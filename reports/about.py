"""What determined a document's content, as a frozen value. Knows neither runs nor workers nor durations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class AboutInterval:
    """The period reported on: start <= t < end, aware datetimes; `zone` is the IANA name it was cut in."""

    label: str
    start: datetime
    end: datetime
    zone: str


@dataclass(frozen=True)
class AboutSource:
    """One snapshot that the figures rest on. `item` is the mapped step's item, if there was one."""

    step: str
    item: str | None
    url: str
    fetched_at: datetime
    sha256: str


@dataclass(frozen=True)
class AboutStep:
    """Rows into and out of a step; None where a step takes or gives no table."""

    step: str
    rows_in: int | None
    rows_out: int | None


@dataclass(frozen=True)
class AboutCheck:
    """A check and how it ended, in a word; `message` is empty when it had nothing to say."""

    check: str
    outcome: str
    message: str = ""


@dataclass(frozen=True)
class About:
    """Everything that the content follows from, and nothing else: two equal runs give equal values.

    `params` holds JSON values. Sources are kept sorted by step, item and URL, whatever order they came in.
    """

    pipeline: str
    title: str
    code_version: str
    params: Mapping[str, object] = field(default_factory=dict)
    interval: AboutInterval | None = None
    sources: Sequence[AboutSource] = ()
    steps: Sequence[AboutStep] = ()
    checks: Sequence[AboutCheck] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", dict(sorted(self.params.items())))
        object.__setattr__(self, "sources", tuple(sorted(self.sources, key=_place)))
        for name in ("steps", "checks", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


def _place(source: AboutSource) -> tuple[str, str, str, datetime, str]:
    return source.step, source.item or "", source.url, source.fetched_at, source.sha256
