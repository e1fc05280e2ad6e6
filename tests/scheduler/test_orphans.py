"""When `presstime up` is killed, no process is left: neither the broker nor a pool that is busy."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from presstime.settings import PROJECT
from scheduler.valkey import broker_url, find_server, server_command, socket_path
from tests.support.processes import descendants, lines_of, until, until_all_ended

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has subreapers")

# A worker whose two tasks never end; one of them has a child that left its session.
TASKS = """
import os, pathlib, subprocess, time
from celery import Celery

app = Celery("busy", broker=os.environ["BUSY_BROKER"])
app.conf.worker_prefetch_multiplier = 1

@app.task
def busy(detached):
    words = ["python", "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(["sleep", "600"], start_new_session=detached)
    with open(os.environ["BUSY_FILE"], "a") as file:
        file.write(f"{os.getpid()} {child.pid}\\n")
    while True:
        time.sleep(0.1)
"""

# Starts valkey and the worker as `presstime up` does, sends both tasks, and waits to be killed.
UP = """
import os, signal, sys
from pathlib import Path
from scheduler.supervisor import Child, Supervisor
from scheduler.valkey import answers

socket, server = Path(sys.argv[1]), sys.argv[2:]
celery = [sys.executable, "-m", "celery", "-A", "busy", "worker", "-P", "prefork", "-c", "2", "-l", "warning"]
children = [
    Child("valkey", server, ready=lambda: answers(socket)),
    Child("worker", celery, env=dict(os.environ), after=("valkey",)),
]
supervisor = Supervisor(children, lambda name, line: print(name, line, flush=True), Path.cwd())
supervisor.start()
supervisor.wait_ready("valkey", 30)
from busy import busy
busy.delay(False)
busy.delay(True)
signal.pause()
"""


@pytest.fixture
def up(tmp_path: Path) -> "subprocess.Popen[str]":
    (tmp_path / "busy.py").write_text(TASKS)
    socket = socket_path(tmp_path)
    server = server_command(find_server(), socket, tmp_path / "valkey", persistent=False)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PROJECT)]),
        "BUSY_BROKER": broker_url(socket),
        "BUSY_FILE": str(tmp_path / "busy.txt"),
    }
    with (tmp_path / "up.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-c", UP, str(socket), *server],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
            text=True,
        )


def everyone_of(up: "subprocess.Popen[str]", tmp_path: Path) -> list[psutil.Process]:
    """All that descends from it, once both tasks are busy."""
    until(lambda: len(lines_of(tmp_path / "busy.txt")) == 2, f"two busy tasks: see {tmp_path / 'up.log'}")
    found = descendants(up.pid)
    busy = {int(word) for line in lines_of(tmp_path / "busy.txt") for word in line.split()}
    assert busy <= {process.pid for process in found}
    return found


def test_killing_the_supervisor_leaves_no_process(up: "subprocess.Popen[str]", tmp_path: Path) -> None:
    everyone = everyone_of(up, tmp_path)
    # two inits, valkey, Celery's main process, two of its pool, the children of both tasks
    assert len(everyone) >= 8

    up.kill()
    up.wait()

    until_all_ended([process.pid for process in everyone])


def test_killing_a_worker_leaves_nothing_of_its_pool(up: "subprocess.Popen[str]", tmp_path: Path) -> None:
    everyone_of(up, tmp_path)
    busy = [int(word) for line in lines_of(tmp_path / "busy.txt") for word in line.split()]
    main = psutil.Process(busy[0]).parent()
    assert main is not None

    main.kill()

    until_all_ended(busy)
    up.kill()
    up.wait()
