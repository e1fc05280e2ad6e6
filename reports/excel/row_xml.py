"""The rows of a table as XML, thousands at a time: Polars puts the pieces of each row together. Knows no file."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl

from reports.excel.encoding import ENTITIES, Encoded
from reports.excel.letters import column_letter

SPANS = ((16, 10_000), (160, 1_000))  # columns up to, rows in one go: a few megabytes of XML
SMALLEST_SPAN = 100


def span_of(columns: int) -> int:
    """Return how many rows are written in one go; a power of ten, so that row numbers share their first digits."""
    return next((rows for most, rows in SPANS if columns <= most), SMALLEST_SPAN)


def row_counts(first: int, span: int, per_sheet: int) -> Iterator[int]:
    """Rows of each slice: up to the next row number that is a multiple of `span`, and to the sheet's end.

    The table's first row has number `first`; on the sheets that follow it has number 2.
    """
    row, left = first, per_sheet
    while True:
        size = min(span - row % span, left)
        yield size
        row, left = row + size, left - size
        if not left:
            row, left = 2, per_sheet


class RowWriter:
    """Keeps the pieces that do not depend on the values. Columns begin at `A`; `rows` may be unknown."""

    def __init__(self, columns: int, rows: int | None) -> None:
        self.span = span_of(columns)
        self.letters = [column_letter(place) for place in range(1, columns + 1)]
        self._rows = rows
        self._numbers: dict[tuple[bool, str], pl.Series] = {}

    def xml(
        self,
        first: int,
        columns: Sequence[Encoded],
        heights: Sequence[float | None] | None = None,
        level: int = 0,
    ) -> list[memoryview]:
        """`<row>` elements from row number `first` on; all rows stand in one span.

        Heights are in points; rows of a level above 0 fold away.
        """
        rows = len(columns[0].values)
        leading, start = divmod(first, self.span)
        row = _RowPieces(
            str(leading) if leading else "", lambda ending: self._ending(ending, first).slice(start, rows)
        )
        row.put('<row r="')
        folds = f'" outlineLevel="{level}' if level else ""
        if heights is None:
            row.put_number(f'{folds}">')
        else:
            row.put_number(folds)
            row.put_series(pl.Series(['">' if one is None else f'" ht="{one}">' for one in heights]))
        closing = ""
        for letter, column in zip(self.letters, columns, strict=True):
            row.put(f'{closing}<c r="{letter}')
            closing = row.put_cell(column)
        row.put(f"{closing}</row>")
        return _bytes_of(row.joined())

    def _ending(self, ending: str, first: int) -> pl.Series:
        """The last digits of each row number of a span, and what always follows them."""
        padded = first >= self.span
        if (found := self._numbers.get((padded, ending))) is None:
            most = self.span if self._rows is None else min(self.span, first % self.span + self._rows)
            numbers = pl.int_range(self.span if padded else most, eager=True).cast(pl.String)
            if padded:
                numbers = numbers.str.zfill(len(str(self.span)) - 1)
            found = self._numbers[padded, ending] = numbers + ending if ending else numbers
        return found


class _RowPieces:
    """The pieces of a row, for many rows at once."""

    def __init__(self, leading: str, number: Callable[[str], pl.Series]) -> None:
        self._leading = leading
        self._number = number
        self._held: dict[str, pl.Series] = {}
        self._pieces: list[pl.Expr] = []
        self._constant = ""

    def put(self, text: str) -> None:
        self._constant += text

    def put_number(self, ending: str) -> None:
        """The row's number, and what follows it."""
        self.put(self._leading)
        self._put_each(self._hold(self._number(ending)))

    def put_series(self, texts: pl.Series) -> None:
        """A piece that differs from row to row."""
        self._put_each(self._hold(texts))

    def put_cell(self, column: Encoded) -> str:
        """Put what follows the cell's column letter; return what closes the cell where that is always the same."""
        values = self._hold(column.values)
        if column.special:
            values = values.str.replace_many(list(ENTITIES), list(ENTITIES.values()))
        if column.choices is None:
            self.put_number(column.before[1])
            self._put_each(values)
            return column.after[1]
        choices = self._hold(pl.Series(column.choices))
        self.put_number("")
        self._put_each(pl.lit(pl.Series(column.before)).gather(choices))
        self._put_each(values)
        self._put_each(pl.lit(pl.Series(column.after)).gather(choices))
        return ""

    def joined(self) -> pl.Series:
        self._flush()
        joined = pl.concat_str(self._pieces, ignore_nulls=True).alias("row")
        return pl.DataFrame(self._held).select(joined)["row"]

    def _hold(self, values: pl.Series) -> pl.Expr:
        name = str(len(self._held))
        self._held[name] = values
        return pl.col(name)

    def _put_each(self, piece: pl.Expr) -> None:
        self._flush()
        self._pieces.append(piece)

    def _flush(self) -> None:
        if self._constant:
            self._pieces.append(pl.lit(self._constant))
        self._constant = ""


def _bytes_of(rows: pl.Series) -> list[memoryview]:
    """What the rows say, one after the other: Polars keeps long texts so, and none of these is short."""
    array: Any = rows.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    parts = [memoryview(buffer) for buffer in array.buffers()[2:]]
    if sum(len(part) for part in parts) != rows.str.len_bytes().sum():
        return [memoryview("".join(rows.to_list()).encode())]
    return parts
