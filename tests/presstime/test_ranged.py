"""A file read in parts: how much of it is asked for."""

import io

from presstime.ranged import BLOCK, LONGEST, RangedFile

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
