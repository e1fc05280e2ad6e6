"""Starts backfills, shows them, and pauses, resumes and cancels them."""

import getpass
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from api.schemas.backfills import BackfillOut
from cli.actions.finding import AmbiguousId
from cli.actions.runtimes import open_runtime
from cli.actions.schedule_lookup import look_up
from cli.actions.schedule_reading import BadOption, read_pairs
from cli.actions.sending import send, waits
from cli.printing.backfills import print_backfill, print_backfills, print_plan, progress_bar
from cli.printing.console import note
from pipelines.backfills import starting
from pipelines.backfills.control import (
    OVER,
    UnknownBackfill,
    cancel_backfill,
    find_backfill,
    pause_backfill,
    progress,
)
from pipelines.backfills.listing import backfills_like, newest_backfills
from pipelines.backfills.making import BackfillRequest, plan
from pipelines.loading.loaded import LoadedPipeline
from pipelines.schedules.stored import timetable_of
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Backfill, BackfillState, Rerun
from presstime.settings import Settings
from scheduler.runtime import Runtime

POLL = 0.5  # seconds between two looks


@dataclass(frozen=True)
class BackfillOptions:
    """The options as they were typed."""

    name: str
    first: str
    last: str
    param: Sequence[str]
    max_active: int
    rerun: str
    newest_first: bool


def start_backfill(
    settings: Settings, options: BackfillOptions, *, dry_run: bool, follow: bool, json: bool
) -> None:
    """Make runs of past periods; a dry run only says which."""
    runtime, now = open_runtime(settings), utc_now()
    loaded, asked = _request(runtime, options, save=not dry_run)
    if dry_run:
        with runtime.sessions.begin() as session:
            planned = plan(session, loaded, asked, now)
        labels = [slot.interval.label for slot in planned.slots]
        print_plan(dict(zip(labels, planned.started, strict=True)), json=json)
        return
    with runtime.sessions() as session, session.begin():
        row = starting.start_backfill(
            session, runtime.registry, loaded, asked, getpass.getuser(), now, runtime.items
        )
    send(runtime, session)
    _end(runtime, row.id, follow=follow, json=json)


def list_backfills(settings: Settings, limit: int, *, json: bool) -> None:
    """Print the newest backfills."""
    with reading(open_runtime(settings).sessions) as session:
        backfills = [_shape(session, row) for row in newest_backfills(session, limit=limit)]
    print_backfills(backfills, json=json)


def show_backfill(settings: Settings, text: str, *, follow: bool, json: bool) -> None:
    """Print how far a backfill is."""
    runtime = open_runtime(settings)
    _end(runtime, _find(runtime, text), follow=follow, json=json)


def change_backfill(settings: Settings, text: str, what: str, *, json: bool) -> None:
    """Pause, resume or cancel a backfill."""
    runtime, now = open_runtime(settings), utc_now()
    backfill = _find(runtime, text)
    with runtime.sessions() as session, session.begin():
        if what == "pause":
            pause_backfill(session, backfill, f"paused by {getpass.getuser()}")
        elif what == "cancel":
            cancel_backfill(session, backfill, getpass.getuser(), now)
        else:
            starting.continue_backfill(session, runtime.registry, backfill, now, runtime.items)
    send(runtime, session)
    _end(runtime, backfill, follow=False, json=json)


def _find(runtime: Runtime, text: str) -> UUID:
    """The one backfill whose id starts with `text`."""
    with reading(runtime.sessions) as session:
        ids = backfills_like(session, text)
    if not ids:
        raise UnknownBackfill(text)
    if len(ids) > 1:
        raise AmbiguousId("backfills", text)
    return ids[0]


def _request(
    runtime: Runtime, options: BackfillOptions, *, save: bool
) -> tuple[LoadedPipeline, BackfillRequest]:
    if options.rerun not in list(Rerun):
        raise BadOption(f"--rerun {options.rerun!r} is not one of {', '.join(Rerun)}")
    pipeline, slash, own = options.name.partition("/")
    row = look_up(runtime, options.name, save=save) if slash else None
    request = BackfillRequest(
        first=options.first,
        last=options.last,
        params=read_pairs(options.param),
        rerun=Rerun(options.rerun),
        max_active=options.max_active,
        newest_first=options.newest_first,
        schedule=own or None,
        timetable=timetable_of(row) if row is not None else None,
    )
    return runtime.registry.get(pipeline), request


def _end(runtime: Runtime, backfill_id: UUID, *, follow: bool, json: bool) -> None:
    """What a command about one backfill ends with: how far it is, and when asked for, its progress."""
    hint = waits(runtime.settings)
    backfill = _read(runtime, backfill_id)
    if follow and backfill.state not in OVER and hint is None:
        backfill = _follow(runtime, backfill_id)
    print_backfill(backfill, json=json)
    if hint is not None and backfill.state not in OVER:
        note(hint)
    runtime.engine.dispose()


def _follow(runtime: Runtime, backfill_id: UUID) -> BackfillOut:
    """Until it is over, or paused. Whoever leaves earlier does not hold it up."""
    with progress_bar() as show:
        while True:
            backfill = _read(runtime, backfill_id)
            show(backfill)
            if backfill.state is not BackfillState.RUNNING:
                return backfill
            time.sleep(POLL)


def _read(runtime: Runtime, backfill_id: UUID) -> BackfillOut:
    with reading(runtime.sessions) as session:
        return _shape(session, find_backfill(session, backfill_id))


def _shape(session: Session, row: Backfill) -> BackfillOut:
    return BackfillOut.of(row, progress(session, row.id))
