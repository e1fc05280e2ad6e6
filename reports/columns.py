"""The options of one column of a table, where its type and its name do not say enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.errors import BadColumn
from reports.marks import Mark, checked_marks
from reports.number_formats.formats import given_code
from reports.text import fault_in_text

MAX_WIDTH = 255  # characters (Microsoft, "Excel specifications and limits")
MAX_NOTE = 1_000  # characters; a note is a hover, not a page


@dataclass(frozen=True)
class Column:
    """`format` is a name (`percent`, `integer`, `plain`, `decimal`, `date`, `datetime`, `time`, `duration`,
    `text`) or an Excel format code such as `0.0%`. It changes what is shown, never the value.

    `currency` is an ISO 4217 code: the amounts show it, and as many decimals as it has. `width` is in
    characters. `as_text` writes values as text, so that numbers of more than 15 digits keep every digit;
    Excel will not calculate with them. `link` makes addresses clickable, `wrap` breaks long text into
    lines; None decides both from the values. `note` is shown when the pointer rests on the header. `marks` are
    conditional formats: a `DataBar`, `ColorScale`, `IconSet` or `Highlight`, or several. `above` stands over the
    header, once for neighbours that have the same; several texts are several rows, the outermost first.
    """

    header: str | None = None
    format: str | None = None
    width: float | None = None
    as_text: bool = False
    currency: str | None = None
    link: bool | None = None
    wrap: bool | None = None
    note: str | None = None
    marks: Mark | Sequence[Mark] = ()
    above: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "marks", self.all_marks)
        _ = given_code(self.format, self.currency)  # says what is wrong with either
        if self.format is not None and self.currency is not None:
            raise BadColumn("currency", self.currency, "format= says another thing already; give one of both")
        if self.width is not None and not 0 < self.width <= MAX_WIDTH:
            raise BadColumn("width", self.width, f"a width is more than 0 and at most {MAX_WIDTH} characters")
        object.__setattr__(self, "above", self.levels)
        above = (("above", text) for text in self.levels)
        for option, text in (("header", self.header), ("note", self.note), *above):
            if text is not None and (fault := fault_in_text(text)):
                raise BadColumn(option, text, fault)
        if self.note is not None and not 0 < len(self.note) <= MAX_NOTE:
            raise BadColumn("note", self.note[:60], f"a note has 1 to {MAX_NOTE:,} characters")

    @property
    def given_code(self) -> str | None:
        """The format code that the options ask for; None leaves it to the values."""
        return given_code(self.format, self.currency, as_text=self.as_text)

    @property
    def levels(self) -> tuple[str, ...]:
        """Return what stands above the header, the outermost first."""
        return (self.above,) if isinstance(self.above, str) else tuple(self.above)

    @property
    def all_marks(self) -> tuple[Mark, ...]:
        return checked_marks("Column(marks=)", self.marks)
