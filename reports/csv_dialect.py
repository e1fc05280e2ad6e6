"""How a .csv file is spelled, as a frozen value: there is no one way. Loads no table library."""

from dataclasses import dataclass
from typing import Literal

from reports.errors import BadDialect

CHOICES = {
    "decimal": (".", ","),
    "encoding": ("utf-8", "utf-8-sig"),
    "line_end": ("\n", "\r\n"),
    "formulas": ("keep", "guard"),
}


@dataclass(frozen=True)
class CsvDialect:
    """The default is RFC 4180's, with lines that end as on Unix.

    `decimal` is the sign before the decimals: `CsvDialect(";", decimal=",", encoding="utf-8-sig")` is what
    Excel opens by a double click in most of Europe. `utf-8-sig` begins the file with a byte order mark, by
    which Excel knows UTF-8. `formulas="guard"` puts an apostrophe before text that a spreadsheet would take
    for a formula (that begins with `=`, `+`, `-`, `@`, a tab or a carriage return): for text of strangers in
    a file that people open in Excel. It changes the values, so it is a choice, and noted.
    """

    delimiter: str = ","
    decimal: Literal[".", ","] = "."
    encoding: Literal["utf-8", "utf-8-sig"] = "utf-8"
    line_end: Literal["\n", "\r\n"] = "\n"
    header: bool = True
    formulas: Literal["keep", "guard"] = "keep"

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n.-+':
            raise BadDialect("delimiter", self.delimiter, "it is one sign, such as ',', ';', '|' or a tab")
        if self.delimiter.isalnum():
            raise BadDialect("delimiter", self.delimiter, "a letter or a digit is part of the values")
        for option, choices in CHOICES.items():
            if getattr(self, option) not in choices:
                known = ", ".join(map(repr, choices))
                raise BadDialect(option, getattr(self, option), f"it is one of {known}")
        if self.decimal == self.delimiter:
            raise BadDialect("decimal", self.decimal, "it is the delimiter too; separate columns by ';'")
