"""A workbook of the author's own that is to be filled, as a frozen value. Knows no Excel library."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.errors import BadWorkbook
from reports.workbook import check_title


class BadTemplate(BadWorkbook):
    """The template, or what it is to be filled with, does not fit. `place` is a cell, a name or a part."""

    def __init__(self, template: str, place: str | None, reason: str) -> None:
        self.template = template
        self.place = place
        self.reason = reason
        super().__init__(": ".join(part for part in (f"template {template!r}", place, reason) if part))


@dataclass(frozen=True, eq=False, init=False)
class Template:
    """An .xlsx file (its path, or its bytes) and what fills it.

    `values` maps the names in the template to single values, mappings of them, frames (pandas, Polars,
    pyarrow) or lists of mappings, whose values may be lists of mappings again.
    """

    source: Path | bytes
    values: Mapping[str, object]
    title: str | None

    def __init__(
        self, source: str | Path | bytes, values: Mapping[str, object], *, title: str | None = None
    ) -> None:
        if title is not None:
            check_title(title)
        object.__setattr__(self, "source", Path(source) if isinstance(source, str) else source)
        if not isinstance(values, Mapping):
            raise BadTemplate(self.name, None, f"its values are a {type(values).__name__}, not a mapping")
        for key in values:
            if not isinstance(key, str):
                raise BadTemplate(self.name, None, f"values has the key {key!r}; names are text")
        object.__setattr__(self, "values", dict(values))
        object.__setattr__(self, "title", title)

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.source.name if isinstance(self.source, Path) else "(bytes)"

    def read(self) -> bytes:
        if isinstance(self.source, bytes):
            return self.source
        try:
            return self.source.read_bytes()
        except OSError as error:
            raise BadTemplate(
                self.name, None, f"{self.source} cannot be read: {error.strerror or error}"
            ) from error
