"""A hash that tells whether figures changed: over what was given, however it is written. Knows no XML."""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import polars as pl
import pyarrow as pa

from reports.number_formats.formats import Kind
from reports.tables.buffers import TextBuffer, present, raw_values
from reports.tables.cells import Cells

BETWEEN = "\x1f"  # control characters are refused in text, so these are unambiguous
BLANK = "\x1e"


class ColumnDigest:
    """Takes a column slice by slice; where the slices are cut makes no difference."""

    def __init__(self) -> None:
        self._values = sha256()
        self._shape = sha256()  # lengths of texts
        self._blanks = sha256()  # rows without a value
        self._rows = 0

    def add(self, cells: Cells) -> None:
        if cells.kind is None:
            self._add_mixed(cells)
        else:
            self._add_array(cells)
        for index, text in sorted(cells.repairs.items()):
            self._blanks.update(f"{self._rows + index}={BLANK if text is None else text}{BETWEEN}".encode())
        self._rows += cells.rows

    def digest(self, header: str, codes: Mapping[Kind, str]) -> bytes:
        """Return the digest of the whole column, with its header and its format codes."""
        shown = BETWEEN.join([header, *(f"{kind.value}={code}" for kind, code in codes.items())])
        parts = (shown.encode(), str(self._rows).encode())
        hashed = (self._values.digest(), self._shape.digest(), self._blanks.digest())
        return sha256(b"\x1d".join((*parts, *hashed))).digest()

    def _add_array(self, cells: Cells) -> None:
        array = cells.array
        if array.null_count:
            self._blanks.update((np.flatnonzero(~present(array)).astype(np.int64) + self._rows).data)
        if cells.kind is Kind.TEXT:
            text = TextBuffer.of(pl.Series(array).fill_null("").to_arrow() if array.null_count else array)
            self._values.update(text.data.data)
            self._shape.update(text.lengths.astype(np.int32).data)
        else:
            plain = array.cast(pa.int8()) if cells.kind is Kind.BOOLEAN else array
            if cells.kind is Kind.DECIMAL and not self._rows:
                self._shape.update(str(array.type.scale).encode())
            self._values.update(raw_values(plain).data)

    def _add_mixed(self, cells: Cells) -> None:
        for kind, text in zip(cells.kinds, cells.texts, strict=True):
            self._values.update(f"{kind.value}:{BLANK if text is None else text}{BETWEEN}".encode())
