"""What can be wrong with a document, each error naming the place and the way out."""

from collections.abc import Sequence
from difflib import get_close_matches

from presstime.errors import PresstimeError

MAX_ROWS = 1_048_576  # per sheet, header included (Microsoft, "Excel specifications and limits")
MAX_COLUMNS = 16_384  # the same page


class BadWorkbook(PresstimeError):
    """The author's workbook cannot become a file. Base of every error of this floor."""


class NoSheets(BadWorkbook):
    """Excel opens no file without a sheet."""

    def __init__(self) -> None:
        super().__init__("the workbook has no sheet; give it at least one: Workbook(Sheet('Name', frame))")


class BadTitle(BadWorkbook):
    """The workbook's title cannot be stored in the file's properties."""

    def __init__(self, title: str, reason: str) -> None:
        self.title = title
        super().__init__(f"title {title[:60]!r}: {reason}")


class BadSheetName(BadWorkbook):
    """Excel would refuse, or repair, a sheet of this name."""

    def __init__(self, sheet: str, reason: str) -> None:
        self.sheet = sheet
        super().__init__(f"sheet {sheet!r}: {reason}")


class BadFrame(BadWorkbook):
    """The value given as a sheet's frame is no table, or would lose something on the way."""

    def __init__(self, sheet: str, reason: str) -> None:
        self.sheet = sheet
        super().__init__(f"sheet {sheet!r}: {reason}")


class FrameIsSpent(BadFrame):
    """An iterator of record batches has been read before, or gives no batch, which tells no columns."""

    def __init__(self, sheet: str) -> None:
        super().__init__(
            sheet,
            "its iterator has been read before, or is empty. It can be read once: make a new one for each "
            "table and each writing, and give an empty record batch where there may be no rows",
        )


class BadColumnName(BadWorkbook):
    """A column's name or header is missing, repeated or not text."""

    def __init__(self, sheet: str, column: object, reason: str) -> None:
        self.sheet = sheet
        self.column = column
        super().__init__(f"sheet {sheet!r}, column {column!r}: {reason}")


class UnknownColumn(BadWorkbook):
    """An option, or a chart, names a column that the frame lacks."""

    def __init__(self, sheet: str, column: str, known: Sequence[str], option: str | None = None) -> None:
        self.sheet = sheet
        self.column = column
        where = f"{option}: " if option else ""
        super().__init__(
            f"sheet {sheet!r}: {where}the frame has no column {column!r}{did_you_mean(column, known)}"
            f" The frame has: {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}."
        )


class BadKey(BadWorkbook):
    """The key columns of `Changes(...)` do not say which row is which."""

    def __init__(self, sheet: str, columns: Sequence[str], reason: str) -> None:
        self.sheet = sheet
        self.columns = tuple(columns)
        super().__init__(f"sheet {sheet!r}, Changes(key={', '.join(columns)}): {reason}")


class BadColumn(BadWorkbook):
    """An option of `Column(...)` has no meaning in Excel."""

    def __init__(self, option: str, value: object, reason: str) -> None:
        self.option = option
        self.value = value
        super().__init__(f"Column({option}={value!r}): {reason}")


class BadBlock(BadWorkbook):
    """A part of a sheet, or one of its options, has no meaning in Excel."""

    def __init__(self, part: str, value: object, reason: str) -> None:
        self.part = part
        self.value = value
        super().__init__(f"{part} {value!r}: {reason}")


class BadPolicy(BadWorkbook):
    """`Preflight(...)` asks for something that cannot be done about a finding."""

    def __init__(self, finding: str, given: object, choices: Sequence[str]) -> None:
        self.finding = finding
        self.given = given
        super().__init__(f"Preflight({finding}={given!r}): it is one of {', '.join(choices)}")


class BadDialect(BadWorkbook):
    """`CsvDialect(...)` describes a file that could not be read back."""

    def __init__(self, option: str, value: object, reason: str) -> None:
        self.option = option
        self.value = value
        super().__init__(f"CsvDialect({option}={value!r}): {reason}")


class BadFormat(BadWorkbook):
    """No document is written in this format."""

    def __init__(self, format_: object, known: Sequence[str]) -> None:
        self.format = format_
        super().__init__(
            f"format {format_!r}{did_you_mean(str(format_), known)} Known are {', '.join(known)}."
        )


class OnlyXlsx(BadWorkbook):
    """A template is asked for as something that it is not."""

    def __init__(self, format_: str) -> None:
        self.format = format_
        super().__init__(
            f"a template is an .xlsx, and {format_} was asked for; ask for xlsx alone, or return a Workbook"
        )


class NoTables(BadWorkbook):
    """A format that holds tables alone is asked of a workbook without one."""

    def __init__(self, format_: str) -> None:
        self.format = format_
        super().__init__(
            f"the workbook has no table, and {format_} holds nothing else; give it one, or ask for xlsx or json"
        )


class ReadOnce(BadWorkbook):
    """A stream is to be written several times."""

    def __init__(self, sheet: str, formats: Sequence[str]) -> None:
        self.sheet = sheet
        super().__init__(
            f"sheet {sheet!r}: its frame is a stream, which can be read once, and {len(formats)} files are made "
            f"of it ({', '.join(formats)}); give it as a table, or ask for one format"
        )


class BadColumnType(BadWorkbook):
    """A column's type has no counterpart in a cell (lists, structs, bytes, ...)."""

    def __init__(self, sheet: str, column: str, type_name: str) -> None:
        self.sheet = sheet
        self.column = column
        super().__init__(
            f"sheet {sheet!r}, column {column!r}: Excel has no cell for {type_name}; "
            "turn the column into text, numbers or dates, or leave it out"
        )


class SheetTooLong(BadWorkbook):
    """A table has more rows than one Excel sheet can hold."""

    def __init__(self, sheet: str, rows: int) -> None:
        self.sheet = sheet
        self.rows = rows
        super().__init__(
            f"sheet {sheet!r} needs {rows:,} rows, its header included; Excel holds {MAX_ROWS:,}. "
            "Split the frame over several sheets."
        )


class SheetTooWide(BadWorkbook):
    """A table has more columns than one Excel sheet can hold."""

    def __init__(self, sheet: str, columns: int) -> None:
        self.sheet = sheet
        self.columns = columns
        super().__init__(
            f"sheet {sheet!r} has {columns:,} columns; Excel holds {MAX_COLUMNS:,}. Turn some into rows."
        )


class BadCell(BadWorkbook):
    """One value cannot be written as it was given. `row` is the row on the sheet; the header is row 1."""

    def __init__(self, sheet: str, column: str, row: int, cell: str, reason: str) -> None:
        self.sheet = sheet
        self.column = column
        self.row = row
        self.cell = cell
        super().__init__(f"sheet {sheet!r}, column {column!r}, row {row} (cell {cell}): {reason}")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else "."
