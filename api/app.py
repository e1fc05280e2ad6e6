"""The application: which routes there are, and what stands before them."""

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from api.auth import TokenGate, let_in
from api.documentation import TAGS, Api, operation_id
from api.errors import crash_response, error_response, register
from api.guards import Answers, BodyGate, HostGate
from api.paths import PREFIX
from api.routes import (
    backfills,
    files,
    health,
    operations,
    pipelines,
    previews,
    reports,
    runs,
    schedule_edits,
    schedules,
)
from api.services import opened_with
from presstime.settings import Settings, api_token
from presstime.versions import version_of

OPENAPI = f"{PREFIX}/openapi.json"


def create_app(settings: Settings) -> FastAPI:
    """The API for these settings. Database, artifacts and publisher are opened when it starts to serve."""
    app = Api(
        title="Presstime",
        summary="The right spreadsheet on the right desk at the right time, and proof that it was.",
        version=version_of("presstime"),
        openapi_url=OPENAPI,
        openapi_tags=TAGS,
        docs_url=None,  # FastAPI's pages load their scripts from somebody else's server
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        lifespan=opened_with(settings),
        middleware=[
            Middleware(Answers, refuse=error_response, crash=crash_response),
            Middleware(HostGate, api_host=settings.api_host),
            Middleware(TokenGate, token=api_token(settings), open_paths=frozenset({OPENAPI})),
            Middleware(BodyGate),
        ],
    )
    register(app)
    # Each by itself: a router between would build every route anew, as FastAPI looks through those of a router
    # that has no prefix yet.
    for routes in (
        pipelines,
        schedules,
        schedule_edits,
        backfills,
        runs,
        operations,
        reports,
        previews,
        files,
    ):
        app.include_router(routes.router, prefix=PREFIX, dependencies=[Depends(let_in)])
    app.include_router(health.router)
    return app
