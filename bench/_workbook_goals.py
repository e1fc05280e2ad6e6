"""What is asked of Presstime's writing, and which of it the figures miss. Measures nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from bench._footprint import Figures
from bench._workbook_writers import FAST, FIVE, OPENPYXL, RUST, SMALL

FILE_LIMIT = 1.05  # times what zlib, level 6, makes of the same sheet
PEAK_LIMIT_MB = 60.0  # above the table, at a million rows
FIVE_LIMIT_MB = 20.0  # more for five such sheets than for one
SHORT_PARTS = 9  # of the time of openpyxl: 10 ms where it takes 90

Frames = Mapping[str, Mapping[str, list[Figures]]]  # by frame and writer, one a round


@dataclass(frozen=True)
class Share:
    """At most one part in `parts` of the processor time of a peer."""

    frame: str
    ours: str
    peer: str
    parts: float

    def __str__(self) -> str:
        return f"all of {self.peer}'s" if self.parts == 1 else f"1/{self.parts:g} of {self.peer}'s"


SHARES = (
    Share("A", FAST, OPENPYXL, 25),
    Share("A", FAST, RUST, 2),
    Share("B", FAST, OPENPYXL, 35),
    Share("B", FAST, RUST, 3.5),
    Share("A", SMALL, RUST, 1),
    Share("B", SMALL, RUST, 1),
)


def missed(frames: Frames, short: Figures) -> Iterator[str]:
    """One line each. What the quick form leaves out is not asked of it."""
    for share in SHARES:
        if share.frame in frames:
            yield from _too_slow(share, frames[share.frame])
    for frame, writers in frames.items():
        yield from _too_large(frame, writers[SMALL])
    if "B" in frames:
        yield from _too_big(frames["B"])
    for name in (FAST, SMALL):
        if short[name] * SHORT_PARTS > short[OPENPYXL]:
            limit = short[OPENPYXL] / SHORT_PARTS
            part = f"1/{SHORT_PARTS} of {OPENPYXL}'s"
            yield f"a short sheet takes {name} {short[name]:.1f} ms, limit {limit:.1f} ms ({part})"


def middle(rounds: list[Figures]) -> Figures:
    """The median of each figure over the rounds that have it."""
    names = dict.fromkeys(name for one in rounds for name in one)
    return {name: median(one[name] for one in rounds if name in one) for name in names}


def _too_slow(share: Share, writers: Mapping[str, list[Figures]]) -> Iterator[str]:
    ours, peer = middle(writers[share.ours])["cpu_s"], middle(writers[share.peer])["cpu_s"]
    if ours * share.parts > peer:
        yield (
            f"{share.frame}: {share.ours} takes {ours:.2f} s of processor time, "
            f"limit {peer / share.parts:.2f} s ({share})"
        )


def _too_large(frame: str, rounds: list[Figures]) -> Iterator[str]:
    compared = [one["file_mb"] / one["file_by_zlib_mb"] for one in rounds if "file_by_zlib_mb" in one]
    if not compared:
        yield f"{frame}: the file of {SMALL} was not compared with zlib's"
    for times in compared:
        if times > FILE_LIMIT:
            yield f"{frame}: the file of {SMALL} is {times:.2f} x zlib's, limit {FILE_LIMIT}"


def _too_big(writers: Mapping[str, list[Figures]]) -> Iterator[str]:
    known = {name: middle(writers[name]) for name in (FAST, SMALL, FIVE)}
    peaks = {name: one["peak_mb"] for name, one in known.items() if "peak_mb" in one}
    for name in known.keys() - peaks.keys():
        yield f"B: the memory of {name} was not measured"
    for name in (FAST, SMALL):
        if peaks.get(name, 0.0) > PEAK_LIMIT_MB:
            yield f"B: {name} needs {peaks[name]:.0f} MB above the table, limit {PEAK_LIMIT_MB:g} MB"
    if {FIVE, FAST} <= peaks.keys() and (more := peaks[FIVE] - peaks[FAST]) > FIVE_LIMIT_MB:
        yield f"B: five sheets need {more:.0f} MB more than one, limit {FIVE_LIMIT_MB:g} MB"
