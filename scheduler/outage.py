"""Waits while the database is away, and says so."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

log = logging.getLogger("presstime.database")

AWAY = (OperationalError, InterfaceError)  # it cannot be reached, stops, or is locked by somebody
PAUSE = 1.0  # seconds between two tries

Result = TypeVar("Result")


def until_answered(
    sessions: sessionmaker[Session], work: Callable[[Session], Result]
) -> tuple[Session, Result]:
    """Do `work` in a transaction, again and again until the database has committed it.

    Returns the closed session too, for what it wants to have sent.
    """
    while True:
        try:
            with sessions() as session, session.begin():
                result = work(session)
        except DBAPIError as error:
            # A connection can end in other ways too: PostgreSQL ends that of a process that was stopped.
            if not isinstance(error, AWAY) and not error.connection_invalidated:
                raise
            log.warning("the database is away, this waits for it: %s", str(error.orig).splitlines()[0])
            time.sleep(PAUSE)
        else:
            return session, result
