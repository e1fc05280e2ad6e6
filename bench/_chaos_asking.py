"""Asks for runs all through the chaos, as an API process would; a database that is away makes it wait."""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Run, Trigger
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime

PAUSE = 0.5  # seconds between two tries to ask


class Asking:
    """A thread of its own: a commit may wait for as long as somebody else holds the database."""

    def __init__(self, runtime: Runtime, times: Sequence[float]) -> None:
        logging.getLogger("presstime.outbox").setLevel(logging.ERROR)  # a broker that is away is no news here
        self.retries = 0
        self._runtime = runtime
        self._times = times
        self._app = create_app(lambda: runtime.settings)
        self._publisher = Publisher(self._app, runtime)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="asking", daemon=True)
        self._began = time.monotonic()
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._app.close()
        # The application keeps the results of every chord that it sent, and they want the server to go.
        del self._app, self._publisher

    def _work(self) -> None:
        for number, at in enumerate(self._times):
            if self._over.wait(max(0.0, self._began + at - time.monotonic())):
                return
            while not self._ask(number):
                self.retries += 1
                if self._over.wait(PAUSE):
                    return

    def _ask(self, number: int) -> bool:
        """False when the database is away. A commit that was not answered may have been done all the same."""
        runtime = self._runtime
        request = request_run(
            runtime.registry.get("chaos"),
            params={"number": number},
            interval=None,
            as_of=utc_now(),
            origin=Origin(Trigger.API, "chaos"),
        )
        try:
            with reading(runtime.sessions) as session:
                asked = session.scalars(select(Run.params).where(Run.trigger == Trigger.API))
                if any(params["number"] == number for params in asked):
                    return True
            with runtime.sessions() as session, session.begin():
                submit(session, request, runtime.items)
            self._publisher.publish_enqueued(session)
        except DBAPIError:
            return False
        return True
