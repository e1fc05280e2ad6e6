"""The columns of a table that charts draw, read already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.number_formats.formats import Kind

MAX_POINTS = 5_000  # rows that a picture draws: on paper more stand on top of each other


@dataclass(frozen=True, eq=False)
class DrawnColumn:
    """The first values of a table's column, and how they are shown."""

    header: str
    kind: Kind | None
    code: str
    values: Sequence[Any]


@dataclass(frozen=True, eq=False)
class DrawnTable:
    """`rows` is how many the table has; the columns may hold fewer values."""

    columns: Mapping[str, DrawnColumn]
    rows: int
