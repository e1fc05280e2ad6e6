"""Lists runs, and shows one with its logs."""

from api.documents import run_detail
from cli.actions.finding import find_run, reports_by_file
from cli.actions.runtimes import open_reader
from cli.actions.tasks import node_of, tasks_of
from cli.printing.console import print_json
from cli.printing.logs import print_log
from cli.printing.run_documents import run_detail_document, run_document
from cli.printing.runs import print_run, print_runs
from pipelines.runs.listing import RunFilter, newest_runs
from pipelines.runs.traces import tasks_with_traces, traces_of
from presstime.database import reading
from presstime.models import Run
from presstime.settings import Settings


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
