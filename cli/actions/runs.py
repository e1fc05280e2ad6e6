"""Lists and shows runs, and cancels, retries and reruns them."""

import getpass
from uuid import UUID

from api.documents import run_detail
from cli.actions.finding import find_run, reports_by_file
from cli.actions.runtimes import open_reader, open_runtime
from cli.actions.sending import Changed, commit_and_send
from cli.actions.tasks import node_of, one_task, tasks_of
from cli.printing.console import note, print_json, print_line
from cli.printing.documents import run_detail_document, run_document
from cli.printing.logs import print_log
from cli.printing.runs import print_run, print_runs
from pipelines.runs import repeating
from pipelines.runs.listing import RunFilter, newest_runs
from pipelines.runs.operations import Again, cancel, rerun
from pipelines.runs.traces import tasks_with_traces, traces_of
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Run
from presstime.settings import Settings
from scheduler.runtime import Runtime


def list_runs(settings: Settings, pipeline: str | None, limit: int, *, json: bool) -> None:
    """Print the newest runs."""
    with reading(open_reader(settings).sessions) as session:
        runs = newest_runs(session, RunFilter(pipeline), before=None, limit=limit)
    if json:
        print_json([run_document(run) for run in runs])
    else:
        print_runs(runs)


def show_run(settings: Settings, text: str, *, json: bool) -> None:
    """Print a run with its steps, all its tasks and its reports."""
    runtime = open_reader(settings)
    run_id = find_run(runtime, text)
    with reading(runtime.sessions) as session:
        run, detail = run_detail(session, run_id, tasks_shown=None)
        reports = reports_by_file(session, run_id)
    if json:
        print_json(run_detail_document(run, detail, reports))
    else:
        print_run(detail, reports)


def show_log(settings: Settings, text: str, step: str | None, item: str | None, *, json: bool) -> None:
    """Print the log of one step, of one item of it, or of each task that has something to tell."""
    runtime = open_reader(settings)
    run_id = find_run(runtime, text)
    with reading(runtime.sessions) as session:
        run = session.get_one(Run, run_id)
        if step is None and item is None:
            tasks = tasks_with_traces(session, run)
        else:
            tasks = [task.id for task in tasks_of(session, run.id, node_of(run, step, item), item)]
        print_log(run, traces_of(session, tasks), json=json)


def cancel_run(settings: Settings, text: str, *, json: bool) -> None:
    """End a run that is not over."""
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    changed = commit_and_send(runtime, lambda session: cancel(session, run_id, getpass.getuser()))
    _print(changed, f"Run {changed.run.id} of {changed.run.pipeline} is cancelled.", json=json)


def retry_run(settings: Settings, text: str, step: str | None, item: str | None, *, json: bool) -> None:
    """Go on with the whole run, or with one task of it when a step or an item is named."""
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    task_id = one_task(runtime, run_id, step, item) if step is not None or item is not None else None
    again = _again(runtime, run_id)
    changed = commit_and_send(
        runtime, lambda session: repeating.retry_run(session, run_id, task_id, again, runtime.items)
    )
    run = changed.run
    _print(
        changed, f"Run {run.id} of {run.pipeline} goes on; this is generation {run.generation}.", json=json
    )


def rerun_run(settings: Settings, text: str, *, json: bool) -> None:
    """Start a new run with what another had."""
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    again = _again(runtime, run_id)
    changed = commit_and_send(runtime, lambda session: rerun(session, run_id, again, runtime.items))
    run = changed.run
    _print(changed, f"Run {run.id} of {run.pipeline} is queued; it does {run.rerun_of} anew.", json=json)


def _again(runtime: Runtime, run_id: UUID) -> Again:
    """Loads the pipelines before the transaction begins: nobody is to wait for imports."""
    with reading(runtime.sessions) as session:
        return repeating.again_of(session, run_id, runtime.registry.get, getpass.getuser(), utc_now())


def _print(changed: Changed, sentence: str, *, json: bool) -> None:
    """What was done, on stdout; what is still missing for it to go on, on stderr."""
    if json:
        print_json(changed.document)
    else:
        print_line(sentence)
    if changed.waits is not None:
        note(f"presstime: {changed.waits}")
