"""What may be wrong with content for a workbook, what is done about it, and what was found. Decides no place.

Errors are the default wherever something would be lost.
"""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from reports.errors import BadPolicy


@dataclass(frozen=True)
class Preflight:
    """What is done about each finding: `error` refuses the workbook, all else repairs it and says so.

    `long_text`: text over 32,767 characters; `control_characters`: those that XML cannot hold; `digits`:
    whole numbers and decimals of more than 15 digits; `nan` and `infinity`: in columns of floats;
    `early_dates`: before 1900-03-01, where Excel's calendar goes wrong; `negative_durations`: Excel shows
    them as #####; `rows`: more than a sheet holds; `sheet_names`: too long, with illegal characters, or
    twice; `duplicate_columns`: two columns of one name; `mixed_types`: a column whose values differ in
    kind; `nested`: lists, mappings and structs; `formula_like`: text that begins like a formula.
    """

    long_text: Literal["error", "cut"] = "error"
    control_characters: Literal["error", "remove", "spell_out"] = "error"
    digits: Literal["error", "text"] = "error"
    nan: Literal["blank", "error", "text"] = "blank"
    infinity: Literal["error", "text", "blank"] = "error"
    early_dates: Literal["error", "text"] = "error"
    negative_durations: Literal["error", "text"] = "error"
    rows: Literal["error", "split"] = "error"
    sheet_names: Literal["error", "repair"] = "error"
    duplicate_columns: Literal["error", "number"] = "error"
    mixed_types: Literal["keep", "error", "text"] = "keep"
    nested: Literal["error", "json"] = "error"
    formula_like: Literal["text", "error"] = "text"

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            choices = CHOICES[field.name]
            if given not in choices:
                raise BadPolicy(field.name, given, choices)


CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(annotation) for name, annotation in Preflight.__annotations__.items()
}


@dataclass(frozen=True)
class Finding:
    """What was found in a column, how often, and what was done. `cell` is the first one's place."""

    kind: str
    sheet: str
    column: str | None
    count: int
    cell: str | None
    text: str

    def __str__(self) -> str:
        column = f", column {self.column!r}" if self.column is not None else ""
        first = f" (first in {self.cell})" if self.cell else ""
        return f"sheet {self.sheet!r}{column}: {self.text}{first}"


class Findings:
    """Collects findings while a workbook is read; the same kind in the same column is counted, not repeated."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str | None, str, str], Finding] = {}

    def add(
        self,
        kind: str,
        sheet: str,
        did: str,
        *,
        column: str | None = None,
        count: int = 1,
        cell: str | None = None,
    ) -> None:
        """`did` says what was done, in the plural, and has `{count}` behind it, which may be 1."""
        place = (sheet, column, kind, did)
        before = self._by_place.get(place)
        count += before.count if before else 0
        cell = before.cell if before else cell
        self._by_place[place] = Finding(kind, sheet, column, count, cell, did.format(count=f"{count:,}"))

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._by_place.values())
