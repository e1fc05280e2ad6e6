"""Probes of readiness: limited in time, never twice at once, and each by itself."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from api.readiness import Check, Outcome, Probe

SOON = 0.05  # seconds; a check that hangs hangs far longer
LATE = 30.0


@contextmanager
def probing(check: Check) -> Iterator[Probe]:
    probe = Probe("part", check)
    yield probe
    probe.close()


def test_a_check_that_hangs_is_given_up_but_not_repeated() -> None:
    calls: list[int] = []
    go_on = threading.Event()

    def hang() -> None:
        calls.append(1)
        go_on.wait(LATE)

    async def ask(probe: Probe) -> list[Outcome]:
        first = [await probe.outcome(SOON) for _ in range(3)]
        assert len(calls) == 1
        go_on.set()
        return [*first, await probe.outcome(LATE)]

    with probing(hang) as probe:
        outcomes = asyncio.run(ask(probe))

    hung = Outcome(ready=False, reason="no answer within 0.05 s")
    assert outcomes == [hung, hung, hung, Outcome(ready=True)]


def test_those_who_ask_together_share_one_check() -> None:
    calls: list[int] = []
    go_on = threading.Event()

    def count() -> None:
        calls.append(1)
        go_on.wait(LATE)

    async def ask(probe: Probe) -> list[Outcome]:
        asked = [asyncio.create_task(probe.outcome(LATE)) for _ in range(10)]
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(*asked)

    with probing(count) as probe:
        outcomes = asyncio.run(ask(probe))

    assert outcomes == [Outcome(ready=True)] * 10
    assert len(calls) == 1


def test_a_part_that_fails_tells_strangers_nothing_about_itself() -> None:
    def fail() -> None:
        raise ConnectionRefusedError("broker.internal:6379 refused")

    with probing(fail) as probe:
        outcome = asyncio.run(probe.outcome(LATE))

    assert outcome == Outcome(ready=False, reason="refused, or cannot be reached")
