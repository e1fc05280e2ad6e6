"""Ids as people type them: whole, or their first characters."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from presstime.models import Report, Run

ID_DIGITS = 32  # hexadecimal digits of a UUID


def runs_like(session: Session, text: str) -> Sequence[UUID]:
    """The runs whose ids start with `text`, two at the most."""
    return ids_like(session, Run.id, text)


def reports_like(session: Session, text: str) -> Sequence[UUID]:
    """The reports whose ids start with `text`, two at the most."""
    return ids_like(session, Report.id, text)


def ids_like(session: Session, column: InstrumentedAttribute[UUID], text: str) -> Sequence[UUID]:
    """The ids in `column` that start with `text`, two at the most: enough to tell one from several."""
    digits = text.replace("-", "").lower()
    try:
        first, last = UUID(digits.ljust(ID_DIGITS, "0")), UUID(digits.ljust(ID_DIGITS, "f"))
    except ValueError:
        return ()
    if not digits:
        return ()
    return session.scalars(select(column).where(column.between(first, last)).limit(2)).all()
