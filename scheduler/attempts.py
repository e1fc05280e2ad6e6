"""One attempt of a task in a worker: claimed, executed, recorded. Loads pandas and all that steps use."""

import logging
import os
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from celery import Celery
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pipelines.execution.execute import Failed, Outcome, execute
from pipelines.markers import TimeLimit
from pipelines.runs.claims import Attempt, Worker, claim
from pipelines.runs.complete import Failure
from pipelines.runs.handback import hand_back, hand_back_in_doubt, let_go
from presstime.logs import log_context
from scheduler.cancelling import Cancelled, interruptible
from scheduler.outage import until_answered
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime, runtime_of

log = logging.getLogger("presstime.worker")

Value = TypeVar("Value")


def run_task(app: Celery, task_id: UUID, worker_name: str) -> None:
    """Claim a task, execute it and record how it ended, if it is still to be done and ours to do."""
    runtime = runtime_of(app)
    work = _Work(runtime, Publisher(app, runtime))
    attempt = work.claim(task_id, Worker(worker_name, os.getpid(), runtime.settings.lease_seconds))
    if attempt is None:
        log.debug("task %s is not to be had", task_id)
        return
    with log_context(
        run=attempt.run_id, step=attempt.node.name, item=attempt.item, attempt=attempt.number, pid=os.getpid()
    ):
        log.info("%s begins", attempt.node.kind)
        work.carry_out(attempt)


class _Work:
    """What is done with one task, each transaction repeated for as long as the database is away."""

    def __init__(self, runtime: Runtime, publisher: Publisher) -> None:
        self._runtime = runtime
        self._publisher = publisher

    def claim(self, task_id: UUID, worker: Worker) -> Attempt | None:
        in_doubt = False

        def attempt(session: Session) -> Attempt | None:
            nonlocal in_doubt
            if in_doubt:  # the database went away at the commit: nobody said whether it came to that
                hand_back_in_doubt(session, task_id, worker)
            in_doubt = True
            return claim(session, task_id, worker, self._supports)

        return self._write(attempt)

    def carry_out(self, attempt: Attempt) -> None:
        pipeline = self._runtime.pipeline(attempt.pipeline, attempt.code_version)
        if pipeline is None:  # its file changed between the claim and now
            self._write(lambda session: hand_back(session, attempt))
            return
        try:
            with interruptible(self._runtime, attempt):
                outcome = execute(attempt, pipeline, self._runtime.artifacts)
        except Cancelled:
            log.info("%s was cancelled", attempt.node.kind)
            self._write(lambda session: let_go(session, attempt))
        except TimeLimit as over:  # just when its outcome was put together
            again = attempt.node.retry_overtime
            self._record(attempt, Failed(Failure(str(over), type(over).__name__, retryable=again)))
        else:
            self._record(attempt, outcome)

    def _record(self, attempt: Attempt, outcome: Outcome) -> None:
        """However long the database is away: only the hard time limit ends this."""
        try:
            kept = self._write(lambda session: outcome.record(session, attempt))
        except DBAPIError as error:  # such as a text with a NUL, which PostgreSQL does not take
            line = f"the database refuses its result: {str(error.orig).splitlines()[0]}"
            outcome = Failed(Failure(line, type(error.orig).__name__, retryable=False))
            kept = self._write(lambda session: outcome.record(session, attempt))
        if kept:
            log.info("%s %s", attempt.node.kind, outcome)
        else:
            log.warning("this attempt lost its task; its result is dropped")
            self._write(lambda session: let_go(session, attempt))

    def _write(self, work: Callable[[Session], Value]) -> Value:
        session, result = until_answered(self._runtime.sessions, work)
        self._publisher.publish_enqueued(session)
        return result

    def _supports(self, pipeline: str, code_version: str, step: str) -> bool:
        loaded = self._runtime.pipeline(pipeline, code_version)
        return loaded is not None and step in loaded.steps
