"""Leadership among equal processes: the one that holds the leader's row acts, by the database's clock."""

import platform

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from presstime.database import database_now, insert_or_ignore, rows_changed
from presstime.models import Leader
from scheduler.processes import exists

LEASE_SECONDS = 5.0  # how long the others wait for one that vanished with its machine


class Leadership:
    """`name` is kind-pid@host: on the same host, one whose process is gone is succeeded at once."""

    def __init__(self, role: str, name: str) -> None:
        self.name = name
        self._role = role

    def take(self, session: Session) -> bool:
        """Take or renew the leader's row."""
        session.execute(
            insert_or_ignore(session, Leader).values(
                role=self._role,
                holder=self.name,
                lease_until=database_now(LEASE_SECONDS),
                since=database_now(),
            )
        )
        row = select(Leader).where(Leader.role == self._role).with_for_update()
        leader = session.scalars(row.execution_options(populate_existing=True)).one()
        free = [Leader.lease_until < database_now()]
        if leader.holder == self.name or is_gone(leader.holder):
            free.append(Leader.holder == leader.holder)
        taken = session.execute(
            update(Leader)
            .where(Leader.role == self._role, or_(*free))
            .values(holder=self.name, lease_until=database_now(LEASE_SECONDS))
        )
        return bool(rows_changed(taken))


def is_gone(holder: str) -> bool:
    """Return whether the holder, kind-pid@host, was a process of this host that has ended."""
    process, _, host = holder.partition("@")
    pid = process.rpartition("-")[2]
    return host == platform.node() and pid.isdigit() and not exists(int(pid))
