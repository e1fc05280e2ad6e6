"""Arrow arrays as numpy sees them, without a copy where there are no nulls. Knows nothing of cells."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
WORD = 8  # bytes
BITS = 8  # of a byte that says which of eight values are there


def int_values(array: Any) -> Int64s:
    """An array of 64-bit integers (dates of 32) as numbers; what stands where a value is missing means nothing."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), np.int64)
    if array.type.bit_width == 32:
        return np.frombuffer(buffer, np.int32, len(array), array.offset * WORD // 2).astype(np.int64)
    return np.frombuffer(buffer, np.int64, len(array), array.offset * WORD)


def float_values(array: Any) -> npt.NDArray[np.float64]:
    buffer = array.buffers()[1]
    return (
        np.frombuffer(buffer, np.float64, len(array), array.offset * WORD) if buffer else np.zeros(len(array))
    )


def decimal_words(array: Any) -> tuple[Int64s, Int64s]:
    """Low and high half of each unscaled decimal128."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), np.int64), np.zeros(len(array), np.int64)
    words = np.frombuffer(buffer, np.int64, 2 * len(array), array.offset * 2 * WORD).reshape(-1, 2)
    return words[:, 0], words[:, 1]


def present(array: Any) -> Bools:
    """True where there is a value. Read from the bits: Arrow's own way to numpy loads pandas, for a second."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    first, skipped = divmod(array.offset, BITS)
    size = (skipped + len(array) + BITS - 1) // BITS
    bits = np.frombuffer(array.buffers()[0], np.uint8, size, first)
    return np.unpackbits(bits, count=skipped + len(array), bitorder="little")[skipped:].view(np.bool_)


def raw_values(array: Any) -> npt.NDArray[np.uint8]:
    """The bytes of an array whose values all take as many; zeros where a value is missing."""
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    found = np.frombuffer(buffer, np.uint8, len(array) * width, array.offset * width)
    if not array.null_count:
        return found
    values = found.reshape(-1, width).copy()
    values[~present(array)] = 0
    return values.reshape(-1)


@dataclass(frozen=True, eq=False)
class TextBuffer:
    """A column of text as one run of UTF-8 bytes: text i is `data[offsets[i] - offsets[0]:]` up to the next."""

    offsets: Int64s
    data: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, array: Any) -> "TextBuffer":
        """Of an array of large strings."""
        _, places, text = array.buffers()
        if places is None or text is None or not len(array):
            return cls(np.zeros(len(array) + 1, np.int64), np.zeros(0, np.uint8))
        offsets = np.frombuffer(places, np.int64, len(array) + 1, array.offset * WORD)
        start = int(offsets[0])
        return cls(offsets, np.frombuffer(text, np.uint8, int(offsets[-1]) - start, start))

    @cached_property
    def lengths(self) -> Int64s:
        """Bytes of each text."""
        return np.diff(self.offsets)

    @cached_property
    def raw(self) -> bytes:
        return self.data.tobytes()

    def rows_of(self, positions: Int64s) -> Int64s:
        """The texts that the bytes at these positions belong to, each once."""
        found = np.searchsorted(self.offsets - self.offsets[0], positions, side="right") - 1
        return np.unique(found).astype(np.int64)

    def first_and_last(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The first and last byte of each text; of an empty one, 255."""
        if not len(self.data):
            nothing = np.full(len(self.lengths), 255, np.uint8)
            return nothing, nothing
        begins = np.minimum(self.offsets[:-1] - self.offsets[0], len(self.data) - 1)
        ends = np.maximum(self.offsets[1:] - self.offsets[0] - 1, 0)
        empty = self.lengths == 0
        first, last = self.data[begins], self.data[ends]
        if empty.any():
            first, last = np.where(empty, 255, first), np.where(empty, 255, last)
        return first.astype(np.uint8), last.astype(np.uint8)
