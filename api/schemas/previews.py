"""Previews of reports, as clients ask for them and see them."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from reports.reading.preview import LONGEST_TEXT, MOST_COLUMNS, MOST_ROWS, Preview

# Checked nowhere: two hundred thousand of them are made by the reader just before they are sent.
Cell = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]


class PreviewQuery(BaseModel):
    """An unknown parameter is refused: a misspelt one must not show another sheet."""

    model_config = ConfigDict(extra="forbid")

    sheet: str | None = Field(
        default=None, max_length=1000, description="Its name; left out: the first that is not hidden."
    )
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many to show at most.")] = 50


class SheetOut(BaseModel):
    name: str
    rows: int | None = Field(description="Header included, as the file says; null where it does not say.")
    hidden: bool


class CutOut(BaseModel):
    """A cell of which only the beginning is shown. Row and column count from 1."""

    row: int
    column: int
    length: int = Field(description="Characters of the whole text.")


class PreviewOut(BaseModel):
    """The first rows of a sheet."""

    report_id: UUID
    format: str = Field(examples=["xlsx"])
    sheets: list[SheetOut] = Field(description="All that have cells, in their order.")
    sheet: str = Field(description="The one that is shown.")
    rows: list[list[Cell]] = Field(
        description="From the sheet's first row on, all of the same length; null is a blank cell. Dates, times "
        "and durations are ISO 8601 (`2013-01-31`, `2013-01-31T06:00:00`, `06:00:00`, `PT30H15M`). Numbers that "
        "JSON's readers would round, and those not finite, are text. A formula shows its stored value.",
        examples=[[["Carrier", "Flights"], ["UA", 4637]]],
    )
    more_rows: bool = Field(description="There are rows below the last one shown.")
    more_columns: bool = Field(description=f"There are cells behind column {MOST_COLUMNS}.")
    cut: list[CutOut] = Field(description=f"Cells with more than {LONGEST_TEXT:,} characters.")

    @classmethod
    def of(cls, report_id: UUID, format_: str, preview: Preview) -> "PreviewOut":
        return cls(
            report_id=report_id,
            format=format_,
            sheets=[SheetOut(**asdict(sheet)) for sheet in preview.sheets],
            sheet=preview.sheet,
            rows=preview.rows,
            more_rows=preview.more_rows,
            more_columns=preview.more_columns,
            cut=[CutOut(**asdict(text)) for text in preview.cut],
        )
