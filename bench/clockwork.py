"""Whether schedules start exactly the runs that their policies prescribe: two simulated years, against an oracle.

A clock jumps through the years. Two beats ring, with the real alarm's arithmetic; they, Redis and the keeper are
down for hours to weeks, Redis forgets, messages are lost, late, doubled, replayed days later, and served by
processes that looked at the clock long before or die before they commit. Meanwhile people pause and resume, lines
are edited, and runs end sooner or later. `fire`, `sync`, `pause` and `resume` are the real ones, on SQLite, commits
included.
The oracle (`bench/_clockwork_oracle.py`) shares nothing with them but the enumeration of instants.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from bench._clockwork_plan import Form
from bench._clockwork_shard import FORMS, in_fresh_processes
from bench._clockwork_weather import downtime, silences, weather_of
from bench._installation import exit_when_terminated
from presstime.errors import PresstimeError
from presstime.models import Cause

PROCESSES = 2  # each with a database of its own; schedules do not know of each other
SHOWN = 40  # differences that are printed
LIBRARIES = ("sqlalchemy", "celery", "celery-redbeat", "cronsim", "holidays", "tzdata")
KINDS = (  # each of them has to happen
    *("schedules", "versions", "pauses", "resumptions", "instants", "runs"),
    *(str(cause) for cause in Cause if cause is not Cause.REFUSED),  # the pipeline always loads
    *("rings by beat", "rings by the keeper", "rings by both beats", "replays", "lost", "killed"),
)


def main() -> int:
    options = _options()
    exit_when_terminated()
    name = "quick" if options.quick else "full"
    form, load, began = FORMS[name], os.getloadavg()[0], time.monotonic()
    numbers = options.only or range(options.schedules or form.schedules)
    _announce(form, options.seed, len(numbers))
    try:
        figures, wrong = _simulate(name, options.seed, numbers)
    except PresstimeError as error:
        sys.stderr.write(f"bench/clockwork.py: {error}\n")
        return 2
    _show(figures, wrong)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = list(missed(figures, wrong, whole=len(numbers) >= form.schedules))
    if options.check:
        sys.stderr.writelines(f"bench/clockwork.py: {line}\n" for line in lines)
    if options.json:
        said = {
            "form": name,
            "seed": options.seed,
            "figures": figures,
            "differences": wrong,
            "missed": lines,
        }
        surroundings = {"seconds": round(time.monotonic() - began, 1), "load": load, "versions": _versions()}
        print(json.dumps({**said, **surroundings}))
    return int(options.check and bool(lines))


def _simulate(name: str, seed: int, numbers: Sequence[int]) -> tuple[dict[str, int], list[str]]:
    """The figures of all shards together; a line for each difference, with what shows it again."""
    shards = [shard for part in range(PROCESSES) if (shard := numbers[part::PROCESSES])]
    said = in_fresh_processes(name, seed, shards)
    counted = sum((Counter(one["figures"]) for one in said), Counter[str]())
    repeat = f"{'--quick ' if name == 'quick' else ''}--seed {seed} --only"
    wrong = [f"{line} [{repeat} {_number(line)}]" for one in said for line in one["wrong"]]
    return {**{kind: counted[kind] for kind in KINDS}, **_weather(FORMS[name], seed)}, wrong


def _announce(form: Form, seed: int, count: int) -> None:
    print(
        f"{count:,} schedules from {form.begin:%Y-%m-%d} to {form.end:%Y-%m-%d}, seed {seed}, against an oracle of "
        f"the policies;\n{', '.join(f'{name} {one}' for name, one in _versions().items())}."
    )


def _weather(form: Form, seed: int) -> dict[str, int]:
    weather = weather_of(seed, form.begin, form.end, form.up_days)
    hours = {
        f"hours without {part}": int(gone.total_seconds() / 3600) for part, gone in downtime(weather).items()
    }
    outages = sum(len(found) for found in weather.down.values())
    return {"outages": outages, "silences": silences(weather), "redis forgot": len(weather.forgets), **hours}


def _show(figures: dict[str, int], wrong: list[str]) -> None:
    for kind, count in figures.items():
        print(f"{kind:24}{count:9,}")
    print(f"{'differences':24}{len(wrong):9,}")
    for line in wrong[:SHOWN]:
        print(f"    {line}")


def missed(figures: dict[str, int], wrong: list[str], *, whole: bool) -> Iterator[str]:
    """With all schedules of a form, each kind has to happen; with fewer, at least something."""
    if wrong:
        yield f"{len(wrong)} differences from what is prescribed, first: {wrong[0]}"
    for kind in KINDS if whole else ("schedules", "instants"):
        if not figures[kind]:
            yield f"no {kind}, so that nothing was shown about it"


def _number(line: str) -> int:
    """That of the schedule which the line is about."""
    return int(line.partition(":")[0].removeprefix("s"))


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer schedules, two months, under 45 seconds")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--check", action="store_true", help="exit 1 when anything differs from the oracle")
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from")
    parser.add_argument("--schedules", type=int, help="so many")
    parser.add_argument(
        "--only", type=int, nargs="+", help="the schedules of these numbers, to see one again"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
