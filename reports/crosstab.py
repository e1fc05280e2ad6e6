"""Cross-tabulation: a frame's rows summed up by two sets of columns, with a header over several rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from reports.blocks import Table, Total
from reports.columns import Column
from reports.errors import BadBlock, BadFrame, UnknownColumn
from reports.frames import Frame, frame_library
from reports.number_formats.currencies import currency_of
from reports.number_formats.formats import WORDS

if TYPE_CHECKING:
    import polars as pl

Function = Literal["sum", "mean", "min", "max", "count"]
FUNCTIONS = ("sum", "mean", "min", "max", "count")
# What a column's total is: a mean of means would be wrong, so that there is none.
OF_COLUMNS: dict[str, Total] = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}
BETWEEN = " / "  # of the parts of a column's name
WHERE = "crosstab()"
KEY = "\x1f"  # a column for the number of a combination: no frame has it


def crosstab(
    frame: Frame,
    *,
    rows: str | Sequence[str],
    columns: str | Sequence[str],
    values: str | Sequence[str],
    function: Function = "sum",
    looks: Column | None = None,
    total: str | None = "Total",
) -> Table:
    """A table with a row for each combination of `rows`, and a column for each of `columns` and value.

    Both are in rising order. A combination that is not there is a blank cell. `looks` is how the values look; its
    header and what stands above follow from the data. `total` heads a last column over all of a row, and a last
    row where columns can be added up; None leaves both out.
    """
    by, over, shown = _names(rows), _names(columns), _names(values)
    if not by or not over or not shown or function not in FUNCTIONS:
        raise BadBlock(WHERE, function, f"it needs rows, columns, values, and one of {', '.join(FUNCTIONS)}")
    table = _polars(frame)
    for name in (*by, *over, *shown):
        if name not in table.columns:
            raise UnknownColumn(WHERE, name, table.columns)
    asked = _Crosstab(table, by, over, shown, function)
    wide, heads = asked.wide()
    if total is not None:
        wide, heads = asked.with_total(wide, heads, total)
    cells = {name: _looks(looks, levels, shown) for name, levels in heads.items()}
    of_columns = OF_COLUMNS.get(function) if total is not None else None
    return Table(wide, columns=cells, totals=dict.fromkeys(heads, of_columns) if of_columns else {})


Heads = dict[str, tuple[str, ...]]  # the header's levels of a column, the value's name the last


@dataclass(frozen=True, eq=False)
class _Crosstab:
    table: "pl.DataFrame"
    by: tuple[str, ...]
    over: tuple[str, ...]
    shown: tuple[str, ...]
    function: str

    def wide(self) -> tuple["pl.DataFrame", Heads]:
        """A row for each combination of `by`, and the levels of each further column's header."""
        keys = self.table.select(self.over).unique().sort(self.over, nulls_last=True).with_row_index(KEY)
        numbered = self.table.join(keys, on=list(self.over), nulls_equal=True)
        wide = self.table.select(self.by).unique().sort(self.by, nulls_last=True)
        summed = self._summed(numbered, *self.by, KEY).partition_by(KEY, as_dict=True, include_key=False)
        heads: Heads = {}
        from reports.tables.column_scan import BLANK, header_labels  # noqa: PLC0415 # loads table libraries

        labels = zip(*(header_labels(keys[name].to_list()) for name in self.over), strict=True)
        for (number, *values), levels in zip(keys.iter_rows(), labels, strict=True):
            spelled = [BLANK if value is None else str(value) for value in values]
            names = {value: self._name(spelled, value) for value in self.shown}
            heads |= {name: (*levels, value) for value, name in names.items()}
            wide = self._joined(wide, summed[number,].rename(names))
        return wide, heads

    def with_total(self, wide: "pl.DataFrame", heads: Heads, total: str) -> tuple["pl.DataFrame", Heads]:
        names = {value: self._name([total], value) for value in self.shown}
        above = [""] * (len(self.over) - 1)
        wide = self._joined(wide, self._summed(self.table, *self.by).rename(names))
        return wide, heads | {name: (*above, total, value) for value, name in names.items()}

    def _summed(self, table: "pl.DataFrame", *by: str) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 # slow to load

        return table.group_by(by).agg(getattr(pl.col(name), self.function)() for name in self.shown)

    def _joined(self, wide: "pl.DataFrame", part: "pl.DataFrame") -> "pl.DataFrame":
        return wide.join(part, on=list(self.by), how="left", nulls_equal=True, maintain_order="left")

    def _name(self, levels: Sequence[str], value: str) -> str:
        return BETWEEN.join([*levels, value] if len(self.shown) > 1 else levels)


def _looks(looks: Column | None, levels: tuple[str, ...], shown: Sequence[str]) -> Column:
    *above, value = levels
    if looks is None:
        looks = Column(currency=currency_of(WORDS.findall(value)))
    if len(shown) == 1:
        *above, value = above
    return replace(looks, header=value, above=tuple(above))


def _polars(frame: Any) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415 # slow to load

    library = frame_library(WHERE, frame)
    try:
        if library == "polars":
            table: pl.DataFrame = frame.lazy().collect()
            return table
        made = pl.from_pandas(frame) if library == "pandas" else pl.from_arrow(frame)
    except Exception as error:
        first = next(iter(str(error).splitlines()), "")
        raise BadFrame(WHERE, f"its frame has a column of several types: {first}") from error
    if not isinstance(made, pl.DataFrame):
        raise BadFrame(WHERE, "its frame has no rows and columns")
    return made


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
