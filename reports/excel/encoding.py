"""Cells as text: what stands around each value, and the values as Polars writes them. Knows no rows.

Every cell of a column is `<c r="B7" s="3">...</c>`. What follows the reference is cut into `before`, the value
and `after`; both fixed for a whole slice where no cell is blank or of another kind, else chosen cell by cell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from reports.excel.values import escaped, has_outer_blanks
from reports.number_formats.formats import Facts, Kind
from reports.tables.buffers import Int64s, TextBuffer, present
from reports.tables.cells import Cells
from reports.tables.serials import written_numbers

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
TYPES = {Kind.BOOLEAN: ' t="b"'}  # a number says nothing
SPACE = 0x20
STYLE = re.compile(r'^" s="(\d+)"')
Choices: TypeAlias = npt.NDArray[np.uint32]
FORMULA_TYPES = {"inlineStr": ' t="str"', "b": ' t="b"'}  # of the value that is kept beside a formula
AFTER = {Kind.TEXT: "</t></is></c>", Kind.FORMULA: "</c>"}
BLANK = 0  # the choice of every cell without a value


@dataclass(frozen=True, eq=False)
class Encoded:
    """A slice of a column. `choices` is None where each cell takes the second of `before` and `after`.

    `special`: the values have signs that XML writes otherwise.
    """

    before: Sequence[str]
    after: Sequence[str]
    choices: Choices | None
    values: pl.Series
    special: bool = False


def encode(cells: Cells, styles: Mapping[Kind, int], facts: Mapping[Kind, Facts]) -> Encoded:
    """`styles` are the numbers of the cell formats, by kind; a blank takes the first."""
    if cells.kind is None:
        return _mixed(cells, styles)
    known = facts[cells.kind]
    style = styles[cells.kind]
    values = written_numbers(cells)
    if known.lookalike:
        values = pl.Series([text and escaped(text) for text in values.to_list()], dtype=pl.String)
    before = [f'" s="{style}"/>', *_before(cells.kind, style)]
    after = ["", *_after(cells.kind)]
    choices = _choices(cells, edges=known.edges)
    if cells.repairs:
        before += _before(Kind.TEXT, styles.get(Kind.TEXT, style))
        after += _after(Kind.TEXT)
        values, choices = _repaired(values, choices, cells.repairs, len(before) - 2)
    whole = choices is None and not cells.array.null_count
    special = known.special or bool(cells.repairs)  # a number has nothing to escape, its repair may
    return Encoded(before, after, None if whole else choices, values, special)


def restyled(encoded: Encoded, marks: Sequence[tuple[Int64s, Mapping[int, int]]]) -> Encoded:
    """Return the slice with other styles in some rows; `marks` are rows, and numbers of styles by the old ones."""
    choices = encoded.choices
    choices = np.ones(len(encoded.values), np.uint32) if choices is None else choices.copy()
    before, after, size = list(encoded.before), list(encoded.after), len(encoded.before)
    for number, (rows, styles) in enumerate(marks, start=1):
        before += [
            STYLE.sub(lambda found, styles=styles: f'" s="{styles[int(found[1])]}"', text)  # type: ignore[misc] # of this round
            for text in encoded.before
        ]
        after += encoded.after
        choices[rows] = choices[rows] % size + number * size
    return Encoded(before, after, choices, encoded.values, encoded.special)


def written_texts(cells: Cells) -> Sequence[str | None]:
    """Each cell's value as it stands in the file before XML escapes it; None for a blank."""
    if cells.kind is None:
        texts = list(cells.texts)
    elif cells.kind is Kind.TEXT:
        texts = [escaped(text) or None if text else None for text in cells.array.to_pylist()]
    else:
        texts = written_numbers(cells).cast(pl.String).to_list()
    for index, text in cells.repairs.items():
        texts[index] = escaped(text) if text else None
    return texts


def _before(kind: Kind, style: int) -> list[str]:
    """Twice: as it is, and for text whose outer blanks must be kept."""
    if kind is Kind.TEXT:
        start = f'" s="{style}" t="inlineStr"><is><t'
        return [f"{start}>", f'{start} xml:space="preserve">']
    if kind is Kind.FORMULA:
        return [f'" s="{style}"'] * 2  # the type of its value is the first thing that the value says
    return [f'" s="{style}"{TYPES.get(kind, "")}><v>'] * 2


def _after(kind: Kind) -> list[str]:
    return [AFTER.get(kind, "</v></c>")] * 2


def _choices(cells: Cells, *, edges: bool) -> Choices | None:
    """0 for a blank, 1 for a value, 2 for text with outer blanks; None where all are 1."""
    array = cells.array
    choices = present(array).astype(np.uint32) if array.null_count else None
    if cells.kind is not Kind.TEXT:
        return choices
    text = TextBuffer.of(array)
    if len(array) and text.lengths.min() == 0:
        choices = (present(array) & (text.lengths > 0)).astype(np.uint32)
    if edges:
        first, last = text.first_and_last()
        choices = np.ones(len(array), np.uint32) if choices is None else choices
        choices[(choices == 1) & ((first <= SPACE) | (last <= SPACE))] = 2
    return choices


def _repaired(
    values: pl.Series, choices: Choices | None, repairs: Mapping[int, str | None], text: int
) -> tuple[pl.Series, Choices]:
    """With repairs in place; `text` is the choice of text, the next one that of text with outer blanks."""
    choices = np.ones(len(values), np.uint32) if choices is None else choices
    texts = values.cast(pl.String).to_list()
    for index, repaired in repairs.items():
        texts[index] = escaped(repaired) if repaired else None
        choices[index] = text + has_outer_blanks(repaired) if repaired else BLANK
    return pl.Series(texts, dtype=pl.String), choices


def _mixed(cells: Cells, styles: Mapping[Kind, int]) -> Encoded:
    kinds = list(styles)
    first = styles[kinds[0]]
    before, after = [f'" s="{first}"/>'], [""]
    for kind in kinds:
        before += _before(kind, styles[kind])
        after += _after(kind)
    number = {kind: 1 + 2 * place for place, kind in enumerate(kinds)}
    choices = _mixed_choices(cells, number)
    texts = [None if text is None else xml_text(text) for text in cells.texts]
    for index, (data_type, value) in cells.cached.items():
        kept = "" if value is None else f"<v>{xml_text(value)}</v>"
        texts[index] = f"{FORMULA_TYPES.get(data_type, '')}><f>{texts[index]}</f>{kept}"
    values = pl.Series(texts, dtype=pl.String)
    if cells.repairs:
        safe = {index: text and xml_text(text) for index, text in cells.repairs.items()}
        values, choices = _repaired(values, choices, safe, number[Kind.TEXT])
    return Encoded(before, after, choices, values)


def _mixed_choices(cells: Cells, number: Mapping[Kind, int]) -> Choices:
    """`number` is the choice of each kind, the next one that of text with outer blanks."""
    chosen = [
        BLANK if text is None else number[kind] + (kind is Kind.TEXT and has_outer_blanks(text))
        for kind, text in zip(cells.kinds, cells.texts, strict=True)
    ]
    return np.array(chosen, np.uint32)


def xml_text(text: str) -> str:
    for sign, entity in ENTITIES.items():
        text = text.replace(sign, entity)
    return text
