"""Compare two frames as a workbook's table would be."""

from typing import Any

from reports import Changes, Preflight, Table
from reports.comparing.compare import Comparison, compare_table
from reports.frames import Frame


def compared(now: Frame, before: Frame, key: Any = "key", **options: Any) -> Comparison:
    table = Table(now, changes=Changes(before, key=key, **options))
    found = compare_table("Data", table, Preflight(nested="json"))
    if found is None:
        raise AssertionError("there was a frame to compare with")
    return found


def changed_keys(found: Comparison) -> dict[str, list[object]]:
    """The first key value of each listed cell, by column."""
    keys: dict[str, list[object]] = {}
    for cell in found.cells:
        keys.setdefault(cell.column, []).append(cell.key[0])
    return keys
