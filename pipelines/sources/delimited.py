"""A CSV file as a frame, by pandas, with what pandas passes over in silence made an error."""

import io
import warnings
from collections.abc import Mapping
from typing import Any, cast

import pandas as pd

from pipelines.sources.charsets import decode_strictly
from pipelines.sources.errors import BadContent, NoRows
from pipelines.sources.fetch import Fetched

DEFAULTS: Mapping[str, Any] = {
    "dtype_backend": "numpy_nullable",
    "keep_default_na": False,
    "na_values": [""],
    "low_memory": False,  # or a column's type would hang on the size of the file
}


def read_csv(
    page: Fetched, *, encoding: str | None, allow_empty: bool, options: Mapping[str, Any]
) -> pd.DataFrame:
    """The file's rows. Raises BadContent, or NoRows."""
    text = _text(page, encoding)
    if page.media_type == "text/html" or text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        raise BadContent(page.shown, "is an HTML page, not a CSV file; is a login or a notice in the way?")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = cast(pd.DataFrame, pd.read_csv(io.StringIO(text), **{**DEFAULTS, **options}))
    except pd.errors.EmptyDataError as error:
        raise NoRows(page.shown, "the file") from error
    except (ValueError, pd.errors.ParserWarning) as error:  # ParserError is a ValueError
        reason = str(error).replace("Error tokenizing data. C error: ", "").strip().splitlines()
        raise BadContent(page.shown, f"cannot be read as CSV: {next(iter(reason), 'unknown')}") from error
    if "index_col" not in options and not isinstance(frame.index, pd.RangeIndex):
        raise BadContent(
            page.shown, "its rows have more fields than its header; name them, or pass index_col="
        )
    if frame.empty and not allow_empty:
        raise NoRows(page.shown, "the file")
    return frame


def _text(page: Fetched, encoding: str | None) -> str:
    try:
        return decode_strictly(page.body, encoding or page.charset)
    except ValueError as error:
        raise BadContent(page.shown, str(error)) from error
