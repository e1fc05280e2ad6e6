"""Why a document cannot be shown, each in one line."""

from collections.abc import Sequence

from presstime.errors import PresstimeError
from reports.errors import did_you_mean

NAMED = 20  # sheets that an error names


class NoPreview(PresstimeError):
    """The document cannot be shown; it can still be downloaded."""


class UnknownFormat(NoPreview):
    def __init__(self, format_: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no preview of format {format_!r}, only of {', '.join(known)}")


class Unreadable(NoPreview):
    """The file is not what its format says, or not whole."""

    def __init__(self, format_: str, reason: object) -> None:
        super().__init__(f"the file cannot be read as {format_}: {reason}")


class TooLarge(NoPreview):
    """A part of the file that is needed to show anything is larger than a preview may read."""

    def __init__(self, part: str, most: int) -> None:
        super().__init__(
            f"{part} takes more than {most // 1024**2} MiB to read, which is too much for a preview; "
            "download the file"
        )


class UnknownSheet(PresstimeError):
    def __init__(self, sheet: str, known: Sequence[str]) -> None:
        self.sheet = sheet
        listed = ", ".join(repr(name) for name in known[:NAMED]) + (", ..." if len(known) > NAMED else "")
        super().__init__(f"no sheet {sheet!r}{did_you_mean(sheet, known)} The sheets are {listed}.")
