"""The services that the routes work with: one set for each application, opened and closed with it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from api.readiness import Readiness
from presstime.database import create_sessions
from presstime.settings import Settings
from scheduler.celery_app import create_app as create_celery
from scheduler.outbox import Publisher, PublisherThread
from scheduler.runtime import Runtime


@dataclass(frozen=True)
class Services:
    """Sessions are opened inside a route's function, never by a dependency.

    A dependency would hold its connection while the request waits for a thread, and with as many requests as
    threads all of them would wait for each other. It also makes sure that a 202 comes after the commit.
    """

    runtime: Runtime
    readers: sessionmaker[Session]
    publisher: PublisherThread
    readiness: Readiness

    @classmethod
    def open(cls, settings: Settings) -> "Services":
        runtime = Runtime.open(settings, durable=True)
        celery = create_celery(lambda: settings)
        return cls(
            runtime=runtime,
            readers=create_sessions(runtime.engine.execution_options(sqlite_begin="DEFERRED")),
            publisher=PublisherThread(Publisher(celery, runtime)),
            readiness=Readiness(runtime.engine, celery, runtime.artifacts),
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that waits for no writer. It sees one state of things on SQLite."""
        with self.readers() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction: committed on a clean exit, and only then handed to the publisher."""
        with self.runtime.sessions() as session:
            with session.begin():
                yield session
            self.publisher.hand_over(session)

    def close(self) -> None:
        self.publisher.close()
        self.readiness.close()
        self.runtime.engine.dispose()


async def services_of(request: Request) -> Services:
    """The services of the application that serves the request."""
    services: Services = request.app.state.services
    return services


Provided = Annotated[Services, Depends(services_of)]


def opened_with(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The lifespan of an application: services open from its start to its end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.services = services = await run_in_threadpool(Services.open, settings)
        try:
            yield
        finally:
            await run_in_threadpool(services.close)

    return lifespan
