"""Removes files that no report and no snapshot refers to any more.

An attempt stores bytes first and writes its rows later; bytes that are in the store already it does not send
again. So a file must not vanish between an attempt's look at the store and its rows. Hence two movements:

1. An unreferenced file is *set aside*: moved to `trash/`, where no attempt looks before it stores, and then its
   row goes, if there is no reference still. Whoever stores the same bytes from now on stores them anew.
2. What was set aside is *settled* once every attempt has ended that had begun by then. Only these can have seen
   the file in its old place. Their rows are committed now or will never be, because an attempt that has lost its
   task records nothing. What is referred to goes back, the rest is deleted.

Attempts are compared by the database's clock alone: their claim's and that of the end of the first movement. An
attempt whose claim is not committed when the second looks has not begun, and will find the old place empty. In
between, a file that is read is found in the trash too. Interrupted anywhere, the next pruning goes on with it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select, text
from sqlalchemy.orm import Session

from pipelines.runs.claims import RUNS, TASKS
from pipelines.runs.retention.plan import Plan, old_runs
from pipelines.runs.retention.policy import DRAFTS_LIVE
from pipelines.runs.retention.rows import REPORTS, SNAPSHOTS
from presstime.artifacts import FILES, TRASH, file_key, trash_key
from presstime.database import database_now, table_of
from presstime.models import File
from presstime.models.runs import HELD
from presstime.sweeping import Found, move, objects_below

ROWS = table_of(File)
BATCH = 100  # files moved, and then rows removed, at a time
IDS_AT_ONCE = 500
DIGITS = 64  # of a sha256
SHELVES = [f"{number:02x}" for number in range(256)]  # the first two digits


def prune_files(plan: Plan) -> None:
    """Set aside what nothing refers to, and settle it at once if nobody can have seen it."""
    held_back = _shas_of_kept_runs(plan) if plan.dry else set()
    for number, shelf in enumerate(SHELVES, 1):
        plan.heed()
        stored = [one for page in objects_below(plan.artifacts, f"{FILES}{shelf}") for one in page]
        rows, loose = _rows_of(plan, shelf)
        going = {sha256: size for sha256, size in loose.items() if sha256 not in held_back}
        strays = {_sha256(one): one.bytes for one in stored if _is_stray(plan, one, rows)}
        if plan.dry:
            plan.tally.add("files", len(going) + len(strays), sum(going.values()) + sum(strays.values()))
        else:
            _set_aside(plan, going, strays)
        plan.tell("files", number, len(SHELVES))
    if not plan.dry:
        with plan.read() as session:
            moved_by = session.scalar(select(database_now()))
        settle(plan, moved_by or plan.now)


def settle(plan: Plan, moved_by: datetime) -> bool:
    """Delete what was set aside by then, or put it back; False when it is too early for that."""
    with plan.read() as session:
        early = select(exists().where(text(HELD), TASKS.c.started_at <= moved_by))
        if session.scalar(early):
            return False
    for page in list(objects_below(plan.artifacts, TRASH.rstrip("/"))):
        with plan.read() as session:
            wanted = _referred(session, [_sha256(one) for one in page])
        for one in page:
            plan.heed()
            if _sha256(one) in wanted:
                move(plan.artifacts, one.key, file_key(_sha256(one)))
            else:
                plan.artifacts.delete(one.key)
    return True


def _rows_of(plan: Plan, shelf: str) -> tuple[set[str], dict[str, int]]:
    """All files of a shelf that have a row, and the bytes of those that nothing that stays refers to."""
    on_shelf = and_(shelf <= ROWS.c.sha256, ROWS.c.sha256 < f"{shelf}g")
    with plan.read() as session:
        rows = set(session.scalars(select(ROWS.c.sha256).where(on_shelf)))
        loose = session.execute(select(ROWS.c.sha256, ROWS.c.bytes).where(on_shelf, *_loose(plan)))
        return rows, dict(loose.tuples().all())


def _loose(plan: Plan) -> Iterator[ColumnElement[bool]]:
    """Nothing refers to it; in a dry run, nothing but runs that are old."""
    for table in (REPORTS, SNAPSHOTS):
        refers = exists().where(table.c.sha256 == ROWS.c.sha256)
        if plan.dry and plan.cutoffs.runs is not None:
            refers = refers.where(RUNS.c.id == table.c.run_id, ~and_(*old_runs(plan.cutoffs.runs)))
        yield ~refers


def _shas_of_kept_runs(plan: Plan) -> set[str]:
    found: set[str] = set()
    ids = sorted(plan.kept.runs)
    for start in range(0, len(ids), IDS_AT_ONCE):
        with plan.read() as session:
            for table in (REPORTS, SNAPSHOTS):
                found.update(
                    session.scalars(
                        select(table.c.sha256).where(table.c.run_id.in_(ids[start : start + IDS_AT_ONCE]))
                    )
                )
    return found


def _set_aside(plan: Plan, going: dict[str, int], strays: dict[str, int]) -> None:
    sizes = going | strays
    shas = sorted(sizes)
    for start in range(0, len(shas), BATCH):
        part = shas[start : start + BATCH]
        plan.heed()
        # The object first: a row without one is found again, an object without a row only by its age.
        for sha256 in part:
            move(plan.artifacts, file_key(sha256), trash_key(sha256))
        with plan.write() as session:
            gone = _delete_rows(session, part)
        for sha256 in gone.union(strays).intersection(part):
            plan.tally.add("files", 1, sizes[sha256])


def _delete_rows(session: Session, shas: Sequence[str]) -> set[str]:
    """Those that went. A row that an attempt refers to at this moment is locked by that, and left alone."""
    locked = session.scalars(
        select(ROWS.c.sha256).where(ROWS.c.sha256.in_(shas)).with_for_update(skip_locked=True)
    ).all()
    free = set(locked) - _referred(session, locked)
    session.execute(delete(ROWS).where(ROWS.c.sha256.in_(sorted(free))))
    return free


def _referred(session: Session, shas: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for table in (REPORTS, SNAPSHOTS):
        found.update(session.scalars(select(table.c.sha256).where(table.c.sha256.in_(shas)).distinct()))
    return found


def _is_stray(plan: Plan, one: Found, rows: set[str]) -> bool:
    """Bytes of an attempt that never came to record them; a day old, because the next one may bring them."""
    sha256 = _sha256(one)
    return len(sha256) == DIGITS and sha256 not in rows and one.modified < plan.now - DRAFTS_LIVE


def _sha256(one: Found) -> str:
    return one.key.rpartition("/")[2]
