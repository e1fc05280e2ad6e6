"""The chaos bench on SQLite with ten runs: every kind of fault once, and nothing is lost.

`python -m bench.chaos --quick --database postgresql` is the other half, which takes too long for every test run.
"""

import json
import subprocess
import sys

import pytest

from bench._chaos_judge import Judgement, Row
from bench._chaos_plan import FULL, KINDS, LEAST, QUICK, Plan
from bench.chaos import missed
from presstime.settings import PROJECT

LIMIT = 240  # seconds after which it is given up
SHORT, WHOLE = Plan(QUICK, 1, QUICK.runs), Plan(FULL, 1, FULL.runs)
MOST = max(LEAST.values())


@pytest.mark.timeout(LIMIT + 10)
def test_every_run_survives_every_kind_of_fault() -> None:
    words = ("--quick", "--check", "--json", "--database", "sqlite", "--runs", "10")

    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    figures = said["figures"]["sqlite"]
    assert said["missed"] == []
    assert set(figures["complaints"].values()) == {0}
    assert figures["runs"] == said["runs"] + figures["scheduled"] > said["runs"]
    assert all(row["struck"] > 0 for row in figures["faults"].values())
    assert any(row["hit"] > 0 for row in figures["faults"].values())


def judgement(least: int, **rows: Row) -> Judgement:
    """Everything as it has to be, and each kind of fault struck something so often; but for these rows."""
    good = {kind: Row(done=least, struck=least, longest=1.0) for kind in KINDS}
    return Judgement(good | rows, {"lost": []}, [], {"scheduled": 1, "leases_seen": 1})


@pytest.mark.parametrize(
    ("plan", "least"), [(Plan(QUICK, 1, QUICK.runs), 1), (Plan(FULL, 1, FULL.runs), max(LEAST.values()))]
)
def test_a_fault_that_struck_nothing_shows_nothing(plan: Plan, least: int) -> None:
    blind = judgement(least, **{"child killed": Row(done=99)})

    assert list(missed(plan, judgement(least))) == []
    assert list(missed(plan, blind)) == [
        f"child killed: struck something 0 times of 99, at least {50 if plan.form is FULL else 1} are wanted"
    ]


@pytest.mark.parametrize("plan", [SHORT, WHOLE])
def test_a_recovery_has_a_limit_in_either_form(plan: Plan) -> None:
    late = Row(done=MOST, struck=MOST, longest=plan.form.recovery + 0.1)

    (line,) = missed(plan, judgement(MOST, FLUSHALL=late))

    assert line.startswith("FLUSHALL: a recovery took ")


def test_a_chaos_in_which_nothing_had_to_recover_shows_nothing() -> None:
    found = judgement(1, **{kind: Row(done=1, struck=1) for kind in KINDS})

    assert list(missed(SHORT, found)) == ["no recovery was measured"]


@pytest.mark.parametrize("figure", ["scheduled", "leases_seen"])
def test_a_chaos_without_what_is_judged_shows_nothing(figure: str) -> None:
    found = judgement(1)
    found.figures[figure] = 0

    assert len(list(missed(SHORT, found))) == 1
