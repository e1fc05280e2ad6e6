"""A dry run says exactly what the real one then removes; an interrupted one is gone on with."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipelines.runs.retention.policy import Keep, Tally
from presstime.models import RunState
from tests.support.runs.past import KEEP, Past


class Interrupted(Exception):
    pass


def a_mixed_past(past: Past) -> None:
    """Of everything something, at every age."""
    base = past.run(410, pipeline="stock", fetched=[b"base"])
    past.run(3, pipeline="stock", pins={"before": str(base)})
    past.run(700, pipeline="rare", report=b"rare", fetched=[b"shared"])
    past.run(690, pipeline="rare", state=RunState.FAILED, fetched=[b"failed"])
    past.run(680, pipeline="rare", state=RunState.RUNNING)
    for days in (1, 20, 100, 370, 400, 500):
        past.run(days, report=b"report %d" % days, fetched=[b"shared", b"page %d" % (days // 50)])
    past.run(390, frame=None)
    past.run(30, state=RunState.CANCELLED)


def lost(before: dict[str, int], after: dict[str, int]) -> Counter[str]:
    return Counter(before) - Counter(after)


def settings_of(name: str) -> Keep:
    return {
        "as shipped, few": replace(KEEP, runs_count=2),
        "no count": KEEP,
        "results longer than runs": replace(KEEP, frames_days=450, events_days=450),
        "runs for ever": replace(KEEP, runs_days=0),
        "results with their run": replace(KEEP, frames_days=0, events_days=0),
    }[name]


NAMES = ("as shipped, few", "no count", "results longer than runs", "runs for ever", "results with their run")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_dry_run_shows_is_what_the_real_one_removes(past_anywhere: Past, name: str) -> None:
    past, keep = past_anywhere, settings_of(name)
    a_mixed_past(past)
    before = past.inventory()

    dry = past.prune(keep, dry=True)

    assert past.inventory() == before
    real = past.prune(keep)
    gone = lost(before, past.inventory())
    assert (dry.counts, dry.bytes, dry.kept) == (real.counts, real.bytes, real.kept)
    for kind in ("runs", "tasks", "stages", "events", "reports", "snapshots"):
        assert gone[kind] == dry.counts[kind], kind
    assert gone["runs/"] == dry.counts["frames"]
    assert gone["files/"] == gone["files"] == dry.counts["files"]
    assert past.broken() == []
    again = past.prune(keep, dry=True)
    assert +again.counts == {}, "nothing is left to do"


def test_interrupted_at_any_step_the_next_goes_on(past_anywhere: Past) -> None:
    past = past_anywhere
    a_mixed_past(past)
    before, expected = past.inventory(), past.prune(dry=True).counts

    rounds = interrupted_ever_later(past)

    assert rounds > 20
    gone = lost(before, past.inventory())
    for kind in ("runs", "tasks", "stages", "events", "reports", "snapshots", "files"):
        assert gone[kind] == expected[kind], kind
    assert gone["runs/"] == expected["frames"]
    assert gone["files/"] == expected["files"]
    assert past.keys("trash") == []
    assert +past.prune(dry=True).counts == {}


def interrupted_ever_later(past: Past) -> int:
    """Prune, one step further each time, until it comes to its end; how often that took."""
    for steps in itertools.count(1):
        heard = itertools.count(1)

        def heed(heard: Iterator[int] = heard, steps: int = steps) -> None:
            if next(heard) == steps:
                raise Interrupted

        try:
            past.prune(heed=heed, settled=past.database_time())
        except Interrupted:
            assert past.broken() == []
        else:
            return steps
    raise AssertionError


def test_a_tally_is_empty_when_nothing_is_there(past: Past) -> None:
    assert past.prune() == past.prune(dry=True) == Tally()
