"""A file read in parts: how much of it is asked for."""

import io

import pytest

from presstime.ranged import BLOCK, KEPT, LONGEST, RangedFile

BODY = bytes(range(251)) * 100_000


class Elsewhere:
    """Where the file lies, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def fetch(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return BODY[start:end]


def opened() -> tuple[io.BufferedReader, Elsewhere]:
    elsewhere = Elsewhere()
    return io.BufferedReader(RangedFile(len(BODY), elsewhere.fetch)), elsewhere


def test_only_what_is_read_is_fetched() -> None:
    file, elsewhere = opened()

    file.seek(10_000_000)
    assert file.read(100) == BODY[10_000_000:10_000_100]

    assert len(elsewhere.asked) == 1
    ((start, end),) = elsewhere.asked
    assert end - start == BLOCK


def test_the_end_of_a_file_is_one_part() -> None:
    file, elsewhere = opened()

    for back in (22, 42, 60_000):
        file.seek(-back, io.SEEK_END)
        assert file.read(20) == BODY[len(BODY) - back :][:20]

    assert elsewhere.asked == [(len(BODY) - BLOCK, len(BODY))]


def test_what_is_read_on_and_on_is_fetched_in_longer_parts() -> None:
    file, elsewhere = opened()

    assert file.read() == BODY

    lengths = [end - start for start, end in elsewhere.asked]
    assert lengths[:3] == [BLOCK, 2 * BLOCK, 4 * BLOCK]
    assert max(lengths) == LONGEST
    assert [end for _, end in elsewhere.asked[:-1]] == [start for start, _ in elsewhere.asked[1:]]


def test_what_was_fetched_is_not_fetched_again() -> None:
    file, elsewhere = opened()

    for _ in range(3):
        for place in (0, 5_000_000, 10_000_000):
            file.seek(place)
            file.read(10)

    assert len(elsewhere.asked) == 3


def test_of_what_was_fetched_the_last_used_parts_are_kept_and_no_more() -> None:
    file, elsewhere = opened()
    places = [number * 1_000_000 for number in range(KEPT + 1)]

    for place in (
        *places[:KEPT],
        places[0],
        places[KEPT],
    ):  # the first is used again before one more is fetched
        file.seek(place)
        assert file.read(10) == BODY[place : place + 10]
    fetched = len(elsewhere.asked)
    for place in (places[0], *places[2:]):
        file.seek(place)
        file.read(10)

    assert fetched == len(elsewhere.asked) == KEPT + 1
    file.seek(places[1])  # used longest ago
    file.read(10)
    assert len(elsewhere.asked) == KEPT + 2


def test_a_long_read_keeps_few_parts_in_memory() -> None:
    file, elsewhere = opened()
    file.read()
    before = len(elsewhere.asked)
    file.seek(0)
    file.read(10)

    assert len(elsewhere.asked) == before + 1, "the first part has made room for later ones"


def test_a_file_has_nothing_before_its_start_and_a_start() -> None:
    file, _ = opened()

    assert file.seek(0) == 0
    with pytest.raises(OSError, match="nothing before its start"):
        file.seek(-1)
    assert file.seek(0, io.SEEK_END) == len(BODY)
    assert file.seek(-len(BODY), io.SEEK_END) == 0
