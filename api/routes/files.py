"""Files: where the bytes came from."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.cursors import read_cursor, write_cursor
from api.documentation import problems
from api.paths import download_path
from api.schemas.files import MadeOut, OriginOut, OriginPage, OriginQuery
from api.services import Provided
from pipelines.runs.file_origins import FileOrigin, origins

router = APIRouter(prefix="/files", tags=["files"])

Sha256 = Annotated[
    str, Path(pattern="^[0-9a-fA-F]{64}$", description="Of all its bytes, as `sha256sum` prints it.")
]


@router.get("/{sha256}/runs", responses=problems(401, 404, 422), summary="Find the runs that made a file")
def list_origins(sha256: Sha256, services: Provided, asked: Annotated[OriginQuery, Query()]) -> OriginPage:
    """The runs that made or fetched the file with this sha256, newest first; 404 when none did."""
    before = read_cursor(asked.cursor) if asked.cursor is not None else None
    with services.reading() as session:
        found = origins(session, sha256.lower(), before=before, limit=asked.limit + 1)
        items = [_shape(origin) for origin in found[: asked.limit]]
    more = len(found) > asked.limit
    return OriginPage(items=items, next=write_cursor(items[-1].run.id) if more else None)


def _shape(origin: FileOrigin) -> OriginOut:
    return OriginOut.of(
        origin, [MadeOut.of_made(made, download_path(made.report.id)) for made in origin.made]
    )
