"""What is made of the blocks of two sides that take turns; and what a tree of processes is said to have used."""

import math
import subprocess
import sys

import pytest

from bench._paired import STEADY, Limit, missed, ratios, unsteady
from bench._processor import cpu_seconds

LIMITS = (Limit("slow", "slowness", most=2.0), Limit("fast", "fastness", least=0.5))
NAMES = ("slow", "fast")
STILL = {"slow": [1.0] * 8, "fast": [1.0] * 8}
SPIN = """
import subprocess, sys, time
if "spin" in sys.argv:
    while time.process_time() < 0.3: pass
else:
    subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[1], "spin"], check=True)
    print("reaped", flush=True)
    time.sleep(600)
"""


def test_the_ratio_is_that_of_neighbours_and_not_that_of_the_sums() -> None:
    """A block in which the machine was ten times as slow changes nothing."""
    found = ratios({"slow": [3, 30, 3]}, {"slow": [2, 20, 2]}, ["slow"], 3)["slow"]

    assert (found.median, found.lowest, found.highest, found.spread) == (1.5, 1.5, 1.5, 0)


def test_the_middle_half_of_the_blocks_says_whether_a_ratio_is_steady() -> None:
    one_off = ratios({"slow": [1.0] * 7 + [9.0]}, {"slow": [1.0] * 8}, ["slow"], 8)["slow"]
    restless = ratios({"slow": [1.0, 1.2] * 4}, {"slow": [1.0] * 8}, ["slow"], 8)["slow"]

    assert one_off.steady
    assert one_off.highest == 9
    assert restless.spread > STEADY
    assert not restless.steady


def test_a_steady_ratio_beyond_its_limit_is_missed() -> None:
    found = ratios({"slow": [2.1] * 8, "fast": [0.4] * 8}, STILL, NAMES, 8)

    assert list(missed(found, LIMITS)) == [
        "slowness is 2.10 x the peer's, limit 2",
        "fastness is 0.40 x the peer's, limit 0.5",
    ]
    assert list(unsteady(found, LIMITS)) == []


def test_a_ratio_that_spreads_too_far_is_said_and_not_judged() -> None:
    found = ratios({"slow": [2.1, 4.2] * 4, "fast": [0.6] * 8}, STILL, NAMES, 8)

    assert list(missed(found, LIMITS)) == []
    (line,) = unsteady(found, LIMITS)
    assert line.startswith("slowness is 2.10 to 4.20 x the peer's")


@pytest.mark.parametrize("values", [[], [1.0] * 7, [0.0] * 8, [math.nan] * 8, [*[1.0] * 7, math.inf]])
def test_what_was_not_measured_in_every_block_misses_its_limit(values: list[float]) -> None:
    other = {"slow": values, "fast": [1.0] * 8}

    for ours, theirs in ((other, STILL), (STILL, other)):
        assert list(missed(ratios(ours, theirs, NAMES, 8), LIMITS)) == ["slowness was not measured"]


def test_a_tree_of_processes_has_used_what_its_ended_children_did() -> None:
    with subprocess.Popen([sys.executable, "-c", SPIN, SPIN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert cpu_seconds(process.pid) > 0.25
        finally:
            process.kill()
