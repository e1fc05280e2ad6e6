"""Finds the rows of two frames that have the same key. A key that is there twice is an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from reports.comparing.values import Compared, Series, exact, in_one_type, midnight, other_kind
from reports.errors import BadKey
from reports.number_formats.formats import NUMBERS
from reports.tables.objects import kind_of

Int64s = npt.NDArray[np.int64]
NOW, BEFORE = "the frame", "the frame before"
ROW = "row"
SHOWN = 40  # characters of a key's value in an error


@dataclass(frozen=True, eq=False)
class Matches:
    """Row numbers in pairs, in the order of the frame now; those that came; those that went. Each from 0."""

    now: Int64s
    before: Int64s
    added: Int64s
    removed: Int64s


def match(sheet: str, names: Sequence[str], now: Sequence[Compared], before: Sequence[Compared]) -> Matches:
    """Raises BadKey for a key without a value, one that is there twice, and one of another kind than before."""
    for side, columns in ((NOW, now), (BEFORE, before)):
        for name, column in zip(names, columns, strict=True):
            _refuse_blanks(sheet, name, side, column)
    pairs = [_joinable(sheet, *three) for three in zip(names, now, before, strict=True)]
    places = [str(place) for place in range(len(names))]
    frames = [
        pl.DataFrame({place: pair[side] for place, pair in zip(places, pairs, strict=True)})
        for side in (0, 1)
    ]
    for side, frame, given in ((NOW, frames[0], now), (BEFORE, frames[1], before)):
        _refuse_repeats(sheet, names, side, frame, given)
    return _matched(frames[0], frames[1], places)


def _matched(now: pl.DataFrame, before: pl.DataFrame, columns: Sequence[str]) -> Matches:
    if now.height == before.height and now.equals(before):
        every = np.arange(now.height, dtype=np.int64)
        return Matches(every, every, every[:0], every[:0])
    found = now.join(before.with_row_index(ROW), on=list(columns), how="left", maintain_order="left")[ROW]
    partner = found.cast(pl.Int64).fill_null(-1).to_numpy()
    rows = np.flatnonzero(partner >= 0).astype(np.int64)
    gone = np.ones(before.height, np.bool_)
    gone[partner[rows]] = False
    added = np.flatnonzero(partner < 0).astype(np.int64)
    return Matches(rows, partner[rows], added, np.flatnonzero(gone).astype(np.int64))


def _refuse_blanks(sheet: str, name: str, side: str, column: Compared) -> None:
    values = column.values
    if isinstance(values, pl.Series):
        rows = np.flatnonzero(values.is_null().to_numpy()).tolist() if values.null_count() else []
    else:
        rows = [row for row, value in enumerate(values) if value is None]
    if rows:
        more = f" and {len(rows) - 1:,} more" if len(rows) > 1 else ""
        raise BadKey(
            sheet,
            (name,),
            f"{side} has no value in row {rows[0] + 1:,}{more}; fill it, or leave such rows out",
        )


def _refuse_repeats(
    sheet: str, names: Sequence[str], side: str, frame: pl.DataFrame, given: Sequence[Compared]
) -> None:
    if frame.n_unique() == frame.height:
        return
    repeated = frame.is_duplicated()
    first = int(repeated.arg_true()[0])
    alike = [frame[column] == frame[column][first] for column in frame.columns]
    rows = pl.DataFrame([one.alias(str(n)) for n, one in enumerate(alike)]).select(pl.all_horizontal("*"))
    places = rows.to_series().arg_true().to_list()
    value = ", ".join(str(column.values[first])[:SHOWN] for column in given)
    others = frame.filter(repeated).n_unique() - 1
    more = f", and so are {others:,} other keys" if others else ""
    raise BadKey(
        sheet,
        names,
        f"{value!r} is {len(places):,} times in {side} (first in rows {places[0] + 1:,} and {places[1] + 1:,})"
        f"{more}; name more columns, or sum such rows up",
    )


def _joinable(sheet: str, name: str, now: Compared, before: Compared) -> tuple[Series, Series]:
    """Both in one type, in which equal values are equal."""
    if other_kind(now, before):
        kinds = [_said(one) for one in (now, before)]
        raise BadKey(
            sheet, (name,), f"it is {kinds[0]} in {NOW} and {kinds[1]} in {BEFORE}, so no row is the same"
        )
    if (pair := in_one_type(now, before)) is not None:
        return pair
    texts = [
        pl.Series([_spelled(value) for value in side.as_list()], dtype=pl.String) for side in (now, before)
    ]
    return texts[0], texts[1]


def _spelled(value: object) -> str:
    """A text that equal keys share, and no others."""
    kind = kind_of(value)
    if kind in NUMBERS:
        number = exact(value)
        text = f"{number:f}" if number.is_finite() else str(number)
        return f"number {text.rstrip('0').rstrip('.') if '.' in text else text}"
    moment = midnight(value)
    if isinstance(moment, datetime):
        return f"moment {(moment if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()}"
    return f"{kind.value if kind else ''} {value}"


def _said(column: Compared) -> str:
    kind = column.kind.value if column.kind else "mixed"
    return f"{kind} with a zone" if column.instants else kind
