"""A slice of a column as it goes into a document. Knows no file format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reports.number_formats.formats import Kind


@dataclass(frozen=True, eq=False)
class Cells:
    """A slice of a column as it goes into the file.

    `array` is canonical for `kind`; where a column mixes kinds, `kinds` and `texts` hold one of each a cell.
    `repairs` stand, by index in the slice, for what was there: text, or None for a blank. `cached` holds,
    where the text is a formula, the type and text of its value.
    """

    kind: Kind | None
    rows: int
    array: Any = None
    kinds: Sequence[Kind] = ()
    texts: Sequence[str | None] = ()
    repairs: Mapping[int, str | None] = field(default_factory=dict)
    cached: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)


def without_nan(array: Any) -> Any:
    """NaN becomes a missing value."""
    return pl.Series(array).fill_nan(None).to_arrow()
