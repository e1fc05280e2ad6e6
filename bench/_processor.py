"""Processor time of whole trees of processes."""

import sys
import time

import psutil

from bench._memory import tree

CLOCKS = sys.platform.startswith("linux")  # whether each process has a clock that others can read


def cpu_seconds(pid: int) -> float:
    """So far, of a process and all that descend from it, those that have ended and were reaped too."""
    return sum(_own(one) + _reaped(one) for one in tree(pid))


def _own(process: psutil.Process) -> float:
    """Of all its threads: to the nanosecond by its clock, or else to the hundredth."""
    if CLOCKS:
        return time.clock_gettime(~process.pid << 3 | 2)  # as clock_getcpuclockid (man 3) makes it of a pid
    used = process.cpu_times()
    return float(used.user + used.system)


def _reaped(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.children_user + used.children_system)
