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

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select, text
from sqlalchemy.orm import Session

from pipelines.runs.retention.policy import DRAFTS_LIVE
from pipelines.runs.retention.pruning import Pruning, old_runs
from presstime.artifacts import FILES_PREFIX, TRASH_PREFIX, file_key, trash_key
from presstime.database import database_now
from presstime.models.runs import HELD
from presstime.models.tables import FILES, REPORTS, RUNS, SNAPSHOTS, TASKS
from presstime.sweeping import Size, StoredObject, move, objects_below, size_below

PAGE = 1000  # rows looked at in one statement
BATCH = 100  # files moved, and then rows removed, at a time
DIGITS = 64  # of a sha256
CLOCK_STEPS_BACK = timedelta(minutes=5)  # by how much at most a database's clock is corrected


def prune_files(pruning: Pruning) -> None:
    """Set aside what nothing refers to, and settle it at once if nobody can have seen it."""
    kept = _shas_of_kept_runs(pruning) if pruning.dry else set()
    for page in _pages(pruning):
        with pruning.read() as session:
            wanted = kept | _referred(session, list(page), _stays(pruning))
        _set_aside(pruning, {sha256: size for sha256, size in page.items() if sha256 not in wanted})
    _set_aside(pruning, _strays(pruning), rows=False)
    if not pruning.dry:
        with pruning.read() as session:
            moved_by = session.scalars(select(database_now())).one()
        settle(pruning, moved_by)


def settle(pruning: Pruning, moved_by: datetime) -> None:
    """Delete what was set aside by then, or put it back; count what is left because it is too early."""
    with pruning.read() as session:
        early = session.scalar(seen_by_somebody(moved_by))
    if early:
        pruning.tally.waiting = size_below(pruning.artifacts, TRASH_PREFIX.rstrip("/"))
        return
    pruning.tally.waiting = Size()
    for page in list(objects_below(pruning.artifacts, TRASH_PREFIX.rstrip("/"))):
        ours = [file for file in page if len(_sha256(file)) == DIGITS]
        with pruning.read() as session:
            wanted = _referred(session, [_sha256(file) for file in ours])
        for file in ours:
            pruning.heed()
            if _sha256(file) in wanted:
                move(pruning.artifacts, file.key, file_key(_sha256(file)))
            else:
                pruning.artifacts.delete(file.key)


def seen_by_somebody(moved_by: datetime) -> Select[bool]:
    """Select whether an attempt is under way that may have seen a file where it was before."""
    return select(exists().where(text(HELD), TASKS.c.started_at <= moved_by + CLOCK_STEPS_BACK))


def page_of_files(after: str) -> Select[str, int]:
    return (
        select(FILES.c.sha256, FILES.c.bytes)
        .where(after < FILES.c.sha256)
        .order_by(FILES.c.sha256)
        .limit(PAGE)
    )


def _pages(pruning: Pruning) -> Iterator[dict[str, int]]:
    """All files that have a row, with their bytes."""
    last, done = "", 0
    while True:
        with pruning.read() as session:
            page = dict(session.execute(page_of_files(last)).all())
        if not page:
            return
        yield page
        last, done = max(page), done + len(page)
        pruning.tell("files", done, 0)


def _stays(pruning: Pruning) -> ColumnElement[bool] | None:
    """In a dry run the references of old runs are there still, and do not count."""
    return ~and_(*old_runs(pruning.cutoffs.runs)) if pruning.dry and pruning.cutoffs.runs else None


def _shas_of_kept_runs(pruning: Pruning) -> set[str]:
    shas: set[str] = set()
    ids = sorted(pruning.kept.runs)
    for start in range(0, len(ids), PAGE):
        with pruning.read() as session:
            for table in (REPORTS, SNAPSHOTS):
                of_runs = table.c.run_id.in_(ids[start : start + PAGE])
                shas.update(session.scalars(select(table.c.sha256).where(of_runs)))
    return shas


def _set_aside(pruning: Pruning, sizes: Mapping[str, int], *, rows: bool = True) -> None:
    shas = sorted(sizes)
    for start in range(0, len(shas), BATCH):
        gone = part = shas[start : start + BATCH]
        if not pruning.dry:
            # The object first: a row without one is found again, an object without a row only by its age.
            for sha256 in part:
                pruning.heed()
                move(pruning.artifacts, file_key(sha256), trash_key(sha256))
            if rows:
                with pruning.write() as session:
                    gone = _delete_rows(session, part)
        pruning.tally.add("files", len(gone), sum(sizes[sha256] for sha256 in gone))


def _delete_rows(session: Session, shas: Sequence[str]) -> list[str]:
    """Those that went. A row that an attempt refers to at this moment is locked by that, and left alone."""
    locked = session.scalars(
        select(FILES.c.sha256).where(FILES.c.sha256.in_(shas)).with_for_update(skip_locked=True)
    ).all()
    free = sorted(set(locked) - _referred(session, locked))
    session.execute(delete(FILES).where(FILES.c.sha256.in_(free)))
    return free


def _referred(session: Session, shas: Sequence[str], by: ColumnElement[bool] | None = None) -> set[str]:
    """Those to which there is a reference, or one of a run of that kind."""
    referred: set[str] = set()
    for table in (REPORTS, SNAPSHOTS):
        query = select(table.c.sha256).where(table.c.sha256.in_(shas)).distinct()
        if by is not None:
            query = query.join(RUNS, RUNS.c.id == table.c.run_id).where(by)
        referred.update(session.scalars(query))
    return referred


def _strays(pruning: Pruning) -> dict[str, int]:
    """Bytes of attempts that never came to record them; a day old, because the next one may bring them."""
    strays: dict[str, int] = {}
    for page in objects_below(pruning.artifacts, FILES_PREFIX.rstrip("/")):
        before = pruning.now - DRAFTS_LIVE
        old = {_sha256(file): file.bytes for file in page if file.modified < before}
        with pruning.read() as session:
            known = set(session.scalars(select(FILES.c.sha256).where(FILES.c.sha256.in_(list(old)))))
        strays |= {sha: size for sha, size in old.items() if len(sha) == DIGITS and sha not in known}
    return strays


def _sha256(file: StoredObject) -> str:
    return file.key.rpartition("/")[2]
