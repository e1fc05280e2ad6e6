"""How quickly runs are taken while the broker is down or hangs, and whether all of them run once it is back.

Fifty triggers over HTTP, one every 50 ms: with the broker there, with it killed, and with it stopped so that it
takes connections and never answers. The peer is the same API with its broker there.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from socket import socket
from statistics import median, quantiles

import httpx
from sqlalchemy import func, select

from bench._installation import Installation, exit_when_terminated
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.migrations import upgrade
from presstime.models import Run, RunState
from scheduler.runtime import Runtime

TRIGGERS = 50
EVERY = 0.05  # seconds between two triggers
LIMIT_MS = 200.0  # `--check`: p99 of the answer
WARM_UP = 5
END_SECONDS = 120.0  # until all of them have run once the broker is back
ACCEPTED = 202
TOKEN = "bench"  # of an API that listens on this machine for a minute
PIPELINE = '''
"""One step."""

from pipelines import Pipeline

one = Pipeline("one")


@one.extract
def number() -> int:
    return 1
'''


def main() -> int:
    options = _options()
    exit_when_terminated()
    print(
        f"{TRIGGERS} triggers, one every {EVERY * 1000:.0f} ms, to an API with a worker and a keeper (SQLite)."
    )
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        figures = _measure()
    except PresstimeError as error:
        sys.stderr.write(f"bench/outage.py: {error}\n")
        return 2
    print(f"{'':10}{'accepted':>10}{'p50 ms':>10}{'p99 ms':>10}{'succeeded':>11}{'s until all had':>17}")
    for name, row in figures.items():
        print(
            f"{name:10}{row['accepted']:10.0f}{row['p50_ms']:10.1f}{row['p99_ms']:10.1f}"
            f"{row['succeeded']:11.0f}{row['seconds_until_all']:17.1f}"
        )
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    if options.json:
        seconds = round(time.monotonic() - began, 1)
        print(json.dumps({"triggers": TRIGGERS, "figures": figures, "load": load, "seconds": seconds}))
    missed = [line for name, row in figures.items() for line in _missed(name, row)]
    if options.check:
        sys.stderr.writelines(f"bench/outage.py: {line}\n" for line in missed)
    return int(options.check and bool(missed))


def _measure() -> dict[str, dict[str, float]]:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {"PRESSTIME_API_PORT": str(port), "PRESSTIME_TOKEN": TOKEN}
    with Installation(variables, persistent=True) as installation:
        (installation.pipelines / "one.py").write_text(PIPELINE)
        site = _Site(installation, port)
        try:
            site.warm_up()
            return {
                "there": site.trigger(lambda: None, lambda: None),
                "down": site.trigger(site.kill_broker, installation.start_valkey),
                "hung": site.trigger(site.stop_broker, site.continue_broker),
            }
        finally:
            site.close()


class _Site:
    """An API, a worker and a keeper as `presstime up` starts them, with a broker that can be taken away."""

    def __init__(self, installation: Installation, port: int) -> None:
        self._installation = installation
        self._runtime = Runtime.open(installation.settings)
        upgrade(self._runtime.engine)
        with self._runtime.sessions.begin() as session:
            sync(session, self._runtime.registry, utc_now())
        for name in ("api", "worker", "keeper"):
            installation.start_python(name, "-m", "cli", name)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)
        installation.wait("the API", self._answers)

    def warm_up(self) -> None:
        for _ in range(WARM_UP):
            self._ask()
        self._until_all(time.monotonic())

    def trigger(self, take_away: Callable[[], None], give_back: Callable[[], None]) -> dict[str, float]:
        """Latencies in milliseconds; then what became of the runs."""
        take_away()
        begun = time.monotonic()
        took, accepted = [], 0
        for number in range(TRIGGERS):
            time.sleep(max(0.0, begun + number * EVERY - time.monotonic()))
            seconds, status = self._ask()
            took.append(seconds * 1000)
            accepted += status == ACCEPTED
        give_back()
        back = time.monotonic()
        succeeded = self._until_all(back)
        return {
            "accepted": accepted,
            "p50_ms": median(took),
            "p99_ms": quantiles(took, n=100, method="inclusive")[98],
            "succeeded": succeeded,
            "seconds_until_all": time.monotonic() - back,
        }

    def kill_broker(self) -> None:
        self._installation.end(self._installation.valkey)

    def stop_broker(self) -> None:
        self._installation.valkey.send_signal(signal.SIGSTOP)

    def continue_broker(self) -> None:
        self._installation.valkey.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._client.close()
        self._runtime.engine.dispose()

    def _ask(self) -> tuple[float, int]:
        begun = time.monotonic()
        answer = self._client.post("/api/v1/pipelines/one/runs", json={})
        return time.monotonic() - begun, answer.status_code

    def _answers(self) -> bool | None:
        try:
            return self._client.get("/health/live").is_success or None
        except httpx.TransportError:
            return None

    def _until_all(self, begun: float) -> int:
        """How many of the newest runs have succeeded, once none is unfinished."""
        while True:
            with reading(self._runtime.sessions) as session:
                unfinished = select(func.count()).where(Run.state.in_([RunState.QUEUED, RunState.RUNNING]))
                if not session.scalar(unfinished):
                    newest = session.scalars(select(Run.state).order_by(Run.id.desc()).limit(TRIGGERS))
                    return sum(state is RunState.SUCCEEDED for state in newest)
            if time.monotonic() - begun > END_SECONDS:
                raise self._installation.failed(
                    f"runs are unfinished {END_SECONDS:.0f} s after the broker came back"
                )
            time.sleep(0.05)


def _missed(name: str, row: dict[str, float]) -> list[str]:
    said = []
    if row["accepted"] < TRIGGERS or row["succeeded"] < TRIGGERS:
        said.append(f"{name}: {row['accepted']:.0f} accepted, {row['succeeded']:.0f} succeeded of {TRIGGERS}")
    if row["p99_ms"] > LIMIT_MS:
        said.append(f"{name}: p99 is {row['p99_ms']:.0f} ms, limit {LIMIT_MS:.0f} ms")
    return said


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the same: it takes less than 45 seconds")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--check", action="store_true", help=f"exit 1 when p99 is above {LIMIT_MS:.0f} ms")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
