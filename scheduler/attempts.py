"""One attempt of a task in a worker: claimed, executed, recorded. Loads pandas and all that steps use."""

import logging
import os
import time
from uuid import UUID

from celery import Celery
from sqlalchemy.exc import DBAPIError

from pipelines.execute import Outcome, execute
from pipelines.runs.claims import Attempt, Worker, claim
from pipelines.runs.giving_back import let_go
from presstime.logs import log_context
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime, runtime_of

log = logging.getLogger("presstime.worker")

DATABASE_PAUSE = 1.0  # seconds between two tries to record a result while the database is away


def run_task(app: Celery, task_id: UUID, worker_name: str) -> None:
    """Claim a task, execute it and record how it ended, if it is still to be done and ours to do."""
    runtime = runtime_of(app)
    publisher = Publisher(app, runtime.sessions)
    worker = Worker(worker_name, os.getpid(), runtime.settings.lease_seconds)
    with runtime.sessions() as session, session.begin():
        attempt = claim(session, task_id, worker, lambda *wanted: _supports(runtime, *wanted))
    publisher.publish_asked(session)
    if attempt is None:
        log.debug("task %s is not to be had", task_id)
        return
    with log_context(
        run=attempt.run_id, step=attempt.node.name, item=attempt.item, attempt=attempt.number, pid=os.getpid()
    ):
        log.info("%s begins", attempt.node.kind)
        pipeline = runtime.pipeline(attempt.pipeline, attempt.code_version)
        if pipeline is None:  # its file changed between the claim and now
            return
        _record(runtime, publisher, attempt, execute(attempt, pipeline, runtime.artifacts))


def _record(runtime: Runtime, publisher: Publisher, attempt: Attempt, outcome: Outcome) -> None:
    """Write the result down, however long the database is away: only the hard time limit ends this."""
    while True:
        try:
            with runtime.sessions() as session, session.begin():
                kept = outcome.record(session, attempt)
                if not kept:
                    let_go(session, attempt)
        except DBAPIError as error:
            log.warning("the database is away, the result waits: %s", error.orig)
            time.sleep(DATABASE_PAUSE)
            continue
        if kept:
            log.info("%s %s", attempt.node.kind, outcome)
        else:
            log.warning("this attempt lost its task; its result is dropped")
        publisher.publish_asked(session)
        return


def _supports(runtime: Runtime, pipeline: str, code_version: str, step: str) -> bool:
    found = runtime.pipeline(pipeline, code_version)
    return found is not None and step in found.steps
