"""Sources of data for extract steps. Importing this loads no HTTP, HTML or table library."""

from pipelines.sources.errors import BadContent, FetchFailed, NoRows, TableNotFound
from pipelines.sources.limits import Limits
from pipelines.sources.paging import Cursor, LinkHeader, NextField, Offset, PageNumber
from pipelines.sources.web import Web

__all__ = [
    "BadContent",
    "Cursor",
    "FetchFailed",
    "Limits",
    "LinkHeader",
    "NextField",
    "NoRows",
    "Offset",
    "PageNumber",
    "TableNotFound",
    "Web",
]
