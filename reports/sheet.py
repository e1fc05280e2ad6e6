"""One sheet of a workbook, as a frozen value: its blocks, and how it is looked at and printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports.blocks import BLOCKS, Block, Table, Total
from reports.changes import Changes
from reports.charts import Chart
from reports.columns import MAX_WIDTH, Column
from reports.errors import BadBlock
from reports.frames import Frame
from reports.sparklines import Sparkline
from reports.text import fault_in_text

LETTERS = 3  # of a column's name, at most


@dataclass(frozen=True)
class Page:
    """How a sheet is printed. `orientation` None: landscape when the columns are wide."""

    orientation: Literal["portrait", "landscape"] | None = None
    paper: Literal["A4", "A3", "letter", "legal"] = "A4"
    fit_width: bool = True
    repeat_header: bool = True

    def __post_init__(self) -> None:
        if self.orientation not in {None, "portrait", "landscape"}:
            raise BadBlock("Page(orientation=)", self.orientation, "it is portrait, landscape or None")
        if self.paper not in {"A4", "A3", "letter", "legal"}:
            raise BadBlock("Page(paper=)", self.paper, "it is A4, A3, letter or legal")


@dataclass(frozen=True, eq=False, init=False)  # frames have no single truth of equality
class Sheet:
    """One sheet: a frame, or blocks of tables, charts, text, key figures and links, one below the other.

    For a sheet of one frame, `columns`, `totals`, `group_by`, `charts`, `changes`, `sparklines`, `filter`,
    `table_name` and `excel_table` say what `Table`'s options of these names say. `freeze` keeps the header in view.
    `widths` sets columns by letter, in characters. `notes` are lines below everything else.
    """

    name: str
    blocks: tuple[Block, ...]
    freeze: bool
    widths: Mapping[str, float]
    notes: tuple[str, ...]
    page: Page

    def __init__(
        self,
        name: str,
        *content: Frame | Block,
        columns: Mapping[str, Column] | None = None,
        totals: Mapping[str, Total] | None = None,
        group_by: str | Sequence[str] | None = None,
        charts: Chart | Sequence[Chart] | None = None,
        changes: Changes | None = None,
        sparklines: Sparkline | Sequence[Sparkline] | None = None,
        filter: bool | None = None,  # noqa: A002 # the word that Excel has for it
        table_name: str | None = None,
        excel_table: str | None = None,
        freeze: bool = True,
        widths: Mapping[str, float] | None = None,
        notes: Sequence[str] = (),
        page: Page | None = None,
    ) -> None:
        options = {
            "columns": columns,
            "totals": totals,
            "group_by": group_by,
            "charts": charts,
            "changes": changes,
            "sparklines": sparklines,
            "filter": filter,
            "name": table_name,
            "excel_table": excel_table,
        }
        given = {option: value for option, value in options.items() if value is not None}
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "blocks", _blocks(name, content, given))
        object.__setattr__(self, "freeze", freeze)
        object.__setattr__(self, "widths", _widths(widths or {}))
        object.__setattr__(self, "notes", _notes(notes))
        object.__setattr__(self, "page", page or Page())

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Those of its tables, and those that stand alone."""
        found: list[Chart] = []
        for block in self.blocks:
            if isinstance(block, Chart):
                found.append(block)
            elif isinstance(block, Table):
                found.extend(block.all_charts)
        return tuple(found)


def _blocks(sheet: str, content: Sequence[Frame | Block], options: dict[str, Any]) -> tuple[Block, ...]:
    if not content:
        raise BadBlock("Sheet", sheet, "the sheet is empty; give it a frame: Sheet('Name', frame)")
    if options and (len(content) > 1 or isinstance(content[0], BLOCKS)):
        raise BadBlock(
            "Sheet",
            sheet,
            f"{', '.join(sorted(options))} belong to one frame; say them in its Table(frame, ...)",
        )
    blocks = tuple(each if isinstance(each, BLOCKS) else Table(each, **options) for each in content)
    for block in blocks:
        if isinstance(block, Table):
            block.check(sheet)
    return blocks


def _widths(given: Mapping[str, float]) -> dict[str, float]:
    for letter, width in given.items():
        if not (letter.isascii() and letter.isalpha() and letter.isupper() and len(letter) <= LETTERS):
            raise BadBlock("Sheet(widths=)", letter, "columns are named by their letters, such as 'B'")
        if not 0 < width <= MAX_WIDTH:
            raise BadBlock(
                "Sheet(widths=)", width, f"a width is more than 0 and at most {MAX_WIDTH} characters"
            )
    return dict(given)


def _notes(given: Sequence[str]) -> tuple[str, ...]:
    notes = (given,) if isinstance(given, str) else tuple(given)
    for note in notes:
        if fault := fault_in_text(note):
            raise BadBlock("Sheet(notes=)", note[:60], fault)
    return notes
