"""The rows of a table as XML, thousands at a time: Polars puts the pieces of each row together. Knows no file."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from reports.excel.encoding import Encoded
from reports.excel.letters import column_letter

SPANS = ((16, 10_000), (160, 1_000))  # columns up to, rows in one go: a few megabytes of XML
SMALLEST_SPAN = 100


def span_of(columns: int) -> int:
    """How many rows are written in one go; a power of ten, so that row numbers share their first digits."""
    return next((rows for most, rows in SPANS if columns <= most), SMALLEST_SPAN)


def row_counts(first: int, span: int) -> Iterator[int]:
    """Rows of each slice, when the table's first row has number `first`: up to the next multiple of `span`."""
    yield span - first % span
    while True:
        yield span


class RowWriter:
    """Keeps the pieces that do not depend on the values. Columns begin at `A`."""

    def __init__(self, columns: int, span: int) -> None:
        self.span = span
        self.letters = [column_letter(place) for place in range(1, columns + 1)]
        self._endings: dict[tuple[bool, str], pl.Series] = {}

    def xml(self, first: int, columns: Sequence[Encoded]) -> list[memoryview]:
        """`<row>` elements from row number `first` on; all rows stand in one span."""
        rows = len(columns[0].values)
        leading, start = divmod(first, self.span)
        begins = str(leading) if leading else ""
        held: dict[str, pl.Series] = {}
        pieces: list[pl.Expr] = []

        def put(piece: str | pl.Series) -> None:
            if isinstance(piece, str):
                pieces.append(pl.lit(piece))
            else:
                name = str(len(held))
                held[name] = piece
                pieces.append(pl.col(name))

        def number(ending: str) -> pl.Series:
            return self._numbers(ending, padded=bool(leading)).slice(start, rows)

        put(f'<row r="{begins}')
        put(number('">'))
        closing = ""
        for letter, column in zip(self.letters, columns, strict=True):
            put(f'{closing}<c r="{letter}{begins}')
            if column.choices is None:
                put(number(column.before[1]))
                put(column.values)
                closing = column.after[1]
            else:
                choices = pl.Series(column.choices)
                put(number(""))
                put(pl.Series(column.before).gather(choices))
                put(column.values)
                put(pl.Series(column.after).gather(choices))
                closing = ""
        put(f"{closing}</row>")
        joined = pl.concat_str(pieces, ignore_nulls=True).alias("row")
        return _bytes_of(pl.DataFrame(held).select(joined)["row"])

    def _numbers(self, ending: str, *, padded: bool) -> pl.Series:
        """Each row's last digits, and what always follows them."""
        if (found := self._endings.get((padded, ending))) is None:
            numbers = pl.int_range(self.span, eager=True).cast(pl.String)
            if padded:
                numbers = numbers.str.zfill(len(str(self.span)) - 1)
            found = self._endings[padded, ending] = numbers + ending if ending else numbers
        return found


def _bytes_of(rows: pl.Series) -> list[memoryview]:
    """What the rows say, one after the other: Polars keeps long texts so, and none of these is short."""
    array: Any = rows.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    parts = [memoryview(buffer) for buffer in array.buffers()[2:]]
    if sum(len(part) for part in parts) != rows.str.len_bytes().sum():
        return [memoryview("".join(rows.to_list()).encode())]
    return parts
