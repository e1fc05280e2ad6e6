"""What numpy sees of an Arrow array is what is in it, wherever a slice is cut."""

import pyarrow as pa
import pytest

from reports.tables.buffers import TextBuffer, present

VALUES = [None if number % 3 == 1 or number % 7 == 2 else number for number in range(200)]
STARTS = [0, 1, 7, 8, 9, 63, 150, 199]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("rows", [0, 1, 5, 8, 9, 64])
def test_missing_values_are_known_in_any_slice(start: int, rows: int) -> None:
    part = pa.array(VALUES, pa.int64()).slice(start, rows)
    assert present(part).tolist() == [value is not None for value in part.to_pylist()]


@pytest.mark.parametrize("start", STARTS)
def test_the_bytes_of_texts_are_known_in_any_slice(start: int) -> None:
    texts = [None if value is None else "é" * (value % 5) for value in VALUES]
    part = pa.array(texts, pa.large_string()).slice(start)
    buffer = TextBuffer.of(part)
    assert buffer.lengths.tolist() == [len((text or "").encode()) for text in part.to_pylist()]
    assert buffer.raw.decode() == "".join(text or "" for text in part.to_pylist())
    first, last = buffer.first_and_last()
    assert [end != 255 for end in first] == [bool(text) for text in part.to_pylist()]
    assert [end != 255 for end in last] == [bool(text) for text in part.to_pylist()]
