"""Makes backfills and looks after them for somebody at a terminal."""

import getpass
import json as jsonlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from cli.console import console_of
from cli.finding import look_up
from cli.operations import send, waits
from cli.reports import AmbiguousRun, ids_like
from cli.schedule_options import BadOption, read_pairs
from cli.services import open_runtime
from pipelines.backfills.control import (
    OVER,
    UnknownBackfill,
    cancel_backfill,
    find_backfill,
    pause_backfill,
    progress,
    resume_backfill,
)
from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make, plan
from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.states import RUN_FINAL
from pipelines.schedules.stored import timetable_of
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Backfill, PipelineRow, Rerun, RunState
from presstime.settings import Settings
from scheduler.runtime import Runtime

POLL = 0.5  # seconds between two looks
SETTLED = ("left_out", *map(str, RUN_FINAL))


@dataclass(frozen=True)
class Wish:
    """The options as they were typed."""

    name: str
    first: str
    last: str
    param: Sequence[str]
    max_active: int
    rerun: str
    newest_first: bool


def start_backfill(settings: Settings, wish: Wish, *, dry_run: bool, follow: bool, json: bool) -> None:
    runtime, now = open_runtime(settings), utc_now()
    loaded, asked = _asked(runtime, wish, save=not dry_run)
    if dry_run:
        with runtime.sessions.begin() as session:
            planned = plan(session, loaded, asked, now)
        labels = [slot.interval.label for slot in planned.slots]
        _say_plan(dict(zip(labels, planned.started, strict=True)), json=json)
        return
    with runtime.sessions() as session, session.begin():
        if session.get(PipelineRow, loaded.name) is None:
            sync(session, runtime.registry, now)
        row = make(session, loaded, asked, getpass.getuser(), now)
        drive(session, row.id, runtime.registry.get, runtime.items, now)
    send(runtime, session)
    _end(runtime, row.id, follow=follow, json=json)


def print_backfills(settings: Settings, limit: int, *, json: bool) -> None:
    with reading(open_runtime(settings).sessions) as session:
        rows = session.scalars(select(Backfill).order_by(Backfill.id.desc()).limit(limit)).all()
        documents = [_document(session, row) for row in rows]
    if json:
        sys.stdout.write(f"{jsonlib.dumps(documents, ensure_ascii=False)}\n")
        return
    if not documents:
        sys.stderr.write("there are no backfills; `presstime backfill NAME --from ... --to ...` makes one\n")
        return
    table = Table("Backfill", "Of", "State", "Progress", box=None, pad_edge=False)
    for one in documents:
        table.add_row(one["id"], _of(one), one["state"], _counts(one["progress"]))
    console_of().print(table)


def show_backfill(settings: Settings, text: str, *, follow: bool, json: bool) -> None:
    runtime = open_runtime(settings)
    _end(runtime, _find(runtime, text), follow=follow, json=json)


def change_backfill(settings: Settings, text: str, what: str, *, json: bool) -> None:
    runtime, now = open_runtime(settings), utc_now()
    found = _find(runtime, text)
    with runtime.sessions() as session, session.begin():
        if what == "pause":
            pause_backfill(session, found, f"paused by {getpass.getuser()}")
        elif what == "cancel":
            cancel_backfill(session, found, getpass.getuser(), now)
        else:
            resume_backfill(session, found)
            drive(session, found, runtime.registry.get, runtime.items, now)
    send(runtime, session)
    _end(runtime, found, follow=False, json=json)


def _asked(runtime: Runtime, wish: Wish, *, save: bool) -> tuple[LoadedPipeline, BackfillRequest]:
    if wish.rerun not in list(Rerun):
        raise BadOption(f"--rerun {wish.rerun!r} is not one of {', '.join(Rerun)}")
    pipeline, slash, own = wish.name.partition("/")
    row = look_up(runtime, wish.name, save=save) if slash else None
    asked = BackfillRequest(
        first=wish.first,
        last=wish.last,
        params=read_pairs(wish.param),
        rerun=Rerun(wish.rerun),
        max_active=wish.max_active,
        newest_first=wish.newest_first,
        schedule=own or None,
        timetable=timetable_of(row) if row is not None else None,
    )
    return runtime.registry.get(pipeline), asked


def _find(runtime: Runtime, text: str) -> UUID:
    ids = ids_like(runtime, Backfill.id, text)
    if not ids:
        raise UnknownBackfill(text)
    if len(ids) > 1:
        raise AmbiguousRun("backfills", text)
    return ids[0]


def _end(runtime: Runtime, backfill: UUID, *, follow: bool, json: bool) -> None:
    """What a command about one backfill ends with: its document, or a line; and when asked for, its progress."""
    hint = waits(runtime.settings)
    with reading(runtime.sessions) as session:
        document = _document(session, find_backfill(session, backfill))
    if follow and document["state"] not in OVER and hint is None:
        document = _follow(runtime, backfill)
    if json:
        sys.stdout.write(f"{jsonlib.dumps(document, ensure_ascii=False)}\n")
    else:
        why = f" ({document['reason']})" if document["reason"] else ""
        sys.stdout.write(f"{document['id']} {document['state']}{why}: {_counts(document['progress'])}\n")
    if hint is not None and document["state"] not in OVER:
        sys.stderr.write(f"{hint}\n")
    runtime.engine.dispose()


def _follow(runtime: Runtime, backfill: UUID) -> dict[str, Any]:
    """Until it is over, or paused. Whoever leaves earlier does not hold it up."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
        console=Console(stderr=True),
        transient=True,
    )
    with bars:
        bar = bars.add_task("", total=None, failed="")
        while True:
            with reading(runtime.sessions) as session:
                document = _document(session, find_backfill(session, backfill))
            counts = document["progress"]
            failed = counts[RunState.FAILED]
            bars.update(
                bar,
                description=_of(document),
                completed=sum(counts[name] for name in SETTLED),
                total=sum(counts.values()),
                failed=f"{failed} failed" if failed else "",
            )
            if document["state"] != "running":
                return document
            time.sleep(POLL)


def _document(session: Session, row: Backfill) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "pipeline": row.pipeline,
        "schedule": row.schedule,
        "state": str(row.state),
        "reason": row.reason,
        "params": row.params,
        "max_active": row.max_active,
        "newest_first": row.newest_first,
        "rerun": str(row.rerun),
        "actor": row.actor,
        "created_at": row.created_at.isoformat(),
        "finished_at": _iso(row.finished_at),
        "progress": progress(session, row.id),
    }


def _say_plan(started: dict[str, bool], *, json: bool) -> None:
    runs = [label for label, starts in started.items() if starts]
    out = [label for label, starts in started.items() if not starts]
    if json:
        sys.stdout.write(f"{jsonlib.dumps({'runs': runs, 'left_out': out})}\n")
        return
    for label in runs:
        sys.stdout.write(f"{label}\n")
    sys.stderr.write(f"{len(runs)} of {len(started)} periods would get a run; nothing was started\n")


def _of(document: dict[str, Any]) -> str:
    return "/".join(filter(None, (document["pipeline"], document["schedule"])))


def _counts(counts: dict[str, int]) -> str:
    told = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return f"{', '.join(told)}; {sum(counts.values())} in all"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
