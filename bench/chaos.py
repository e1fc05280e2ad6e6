"""What becomes of runs while everything is killed: seeded faults against real processes, and what they left.

Pool children and whole workers are killed and stopped past their lease, Valkey is killed, emptied and cut off,
RedBeat's alarms are deleted, beat and the keeper are killed, the database is taken away. At the end every run
must have succeeded with the right figures, each step's result must be that of one attempt, judged by a file
that the steps write themselves, and what was hit must have gone on in time (`bench/_chaos_recovery.py` says
how that is measured).
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._chaos_judge import Judgement, judge
from bench._chaos_plan import FULL, LEAST, QUICK, Plan
from bench._chaos_play import play
from bench._chaos_postgres import FragilePostgres
from bench._chaos_site import Site
from bench._installation import Installation, exit_when_terminated
from presstime.errors import PresstimeError

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    options = _options()
    exit_when_terminated()
    form = QUICK if options.quick else FULL
    plan = Plan(form, options.seed, options.runs or form.runs)
    databases = DATABASES if options.database == "both" else (options.database,)
    load, began = os.getloadavg()[0], time.monotonic()
    _announce(plan)
    judgements: dict[str, Judgement] = {}
    try:
        for database in databases:
            judgements[database] = _bench(plan, database, options.keep)
            _show(database, judgements[database])
    except PresstimeError as error:
        sys.stderr.write(f"bench/chaos.py: {error}\n")
        return 2
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = [f"{name}: {line}" for name, one in judgements.items() for line in missed(plan, one)]
    if options.check:
        sys.stderr.writelines(f"bench/chaos.py: {line}\n" for line in lines)
    if options.json:
        figures = {name: one.figures for name, one in judgements.items()}
        said = {"form": form.name, "seed": plan.seed, "runs": plan.runs, "settings": dict(form.settings)}
        surroundings = {"seconds": round(time.monotonic() - began, 1), "load": load}
        print(json.dumps({**said, "figures": figures, "missed": lines, **surroundings}))
    return int(options.check and bool(lines))


def _bench(plan: Plan, database: str, keep: Path | None) -> Judgement:
    with _postgres(database) as (postgres, url):
        variables = {**plan.form.settings, "PRESSTIME_DATABASE_URL": url}
        with Installation(variables, persistent=True) as installation:
            site = Site(installation, postgres, plan.form)
            try:
                judgement = judge(plan, site, play(plan, site))
            finally:
                site.end_all()
                if keep is not None:
                    _keep(installation, keep / f"{plan.form.name}-{plan.seed}-{database}")
    return judgement


@contextmanager
def _postgres(database: str) -> Iterator[tuple[FragilePostgres | None, str]]:
    if database == "sqlite":
        yield None, ""
        return
    server = FragilePostgres()
    try:
        server.start()
        yield server, server.create_database()
    finally:
        server.stop()


def _keep(installation: Installation, target: Path) -> None:
    """Logs, the witness and an embedded database, for whoever wants to know why."""
    target.mkdir(parents=True, exist_ok=True)
    folder, data = installation.folder, installation.data_dir
    for path in [*folder.glob("*.log"), *folder.glob("*.jsonl"), *folder.glob("*.txt"), *data.glob("*.db*")]:
        shutil.copy(path, target)


def _announce(plan: Plan) -> None:
    form = plan.form
    chosen = ", ".join(f"{name}={value}" for name, value in form.settings.items()) or "the default settings"
    print(
        f"{plan.runs} runs of six steps with a map over ten items, and one every {form.every} s by schedule; "
        f"{form.workers} workers of two processes; {plan.seconds:.0f} s of faults, seed {plan.seed}; {chosen}."
    )


def _show(database: str, found: Judgement) -> None:
    print(f"\n{database}\n{'':20}{'done':>6}{'struck':>8}{'hit':>6}{'longest recovery':>20}")
    for kind, row in found.faults.items():
        longest = f"{row.longest:18.1f} s" if row.longest is not None else f"{'-':>20}"
        print(
            f"{kind:20}{row.done:6}{row.struck:8}{row.hit:6}{longest}{' and some never' if row.never else ''}"
        )
    for line in found.said:
        print(line)
    for name, complaints in found.complaints.items():
        print(f"{name}: {len(complaints)}")
        for complaint in complaints[:10]:
            print(f"    {complaint}")


def missed(plan: Plan, found: Judgement) -> Iterator[str]:
    """A line for each complaint and limit, and for each of what they are about that did not happen at all."""
    for name, complaints in found.complaints.items():
        if complaints:
            yield f"{name}: {len(complaints)}, first: {complaints[0]}"
    whole = plan.form is FULL and plan.runs >= FULL.runs
    for kind, row in found.faults.items():
        least = LEAST.get(kind, 1) if whole else 1
        if row.struck < least:
            yield f"{kind}: struck something {row.struck} times of {row.done}, at least {least} are wanted"
        if row.longest is not None and row.longest > plan.form.recovery:
            yield f"{kind}: a recovery took {row.longest:.1f} s, limit {plan.form.recovery:.0f} s"
    if all(row.longest is None for row in found.faults.values()):
        yield "no recovery was measured"
    for figure, said in (("scheduled", "the schedule started no run"), ("leases_seen", "no lease was seen")):
        if not found.figures[figure]:
            yield said


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="20 runs, each kind of fault, a short lease")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from")
    parser.add_argument("--runs", type=int, help="so many; faults and time grow and shrink with them")
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="sqlite")
    parser.add_argument("--keep", type=Path, help="a folder for logs, witness and SQLite file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
