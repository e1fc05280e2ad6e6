"""Strikes: each kind of fault, aimed at something that runs where there is any, and what it found there."""

import contextlib
import heapq
import signal
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import psutil
import redis
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import DBAPIError

from bench import _chaos_plan as plan
from bench._chaos_fault import Fault, had_victim
from bench._chaos_plan import Blow, Form
from bench._chaos_site import BROKER, REDBEAT, Held, Site
from presstime.database import reading
from presstime.models import Leader, Run, RunState, Trigger
from scheduler.queues import ALL

T = TypeVar("T")

AIM_SECONDS = 1.5  # to wait for something that runs before a fault strikes blindly
LEFT_SECONDS = 0.1  # of work that a task must have left, or it is done before it is hit
LOCK_PAUSE = 0.2  # seconds between two tries to lock SQLite
AGAIN = 0.5  # seconds until a blow without a victim falls once more ...
TIMES = 20  # ... and so often at most
DATABASE_REST = 5.0  # seconds until the database may be taken away again, at least
ALARMS = "redbeat::schedule"  # RedBeat's zset of alarms


class Striker:
    """Carries out blows; `tick` ends what is to end again: outages and standstills."""

    def __init__(self, site: Site, form: Form) -> None:
        self.faults: list[Fault] = []
        self._site = site
        self._form = form
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._blows: dict[str, Callable[[Blow], Fault]] = {
            plan.CHILD_KILL: self._kill_child,
            plan.CHILD_STOP: self._stop_child,
            plan.WORKER_KILL: self._kill_worker,
            plan.WORKER_STOP: self._stop_worker,
            plan.BROKER_KILL: self._kill_broker,
            plan.CUT: self._cut,
            plan.FLUSH: self._flush,
            plan.ALARMS_GONE: self._delete_alarms,
            plan.BEAT_KILL: self._kill_beat,
            plan.KEEPER_KILL: self._kill_keeper,
            plan.DATABASE: self._take_database,
        }

    def strike(self, blow: Blow, times: int = TIMES) -> None:
        """Carry out a blow, and again where it had no victim: only one shows whether it recovers."""
        if blow.kind == plan.DATABASE and self._database_away:
            self._after(DATABASE_REST, lambda: self.strike(blow, times))
            return
        try:
            fault = self._blows[blow.kind](blow)
        except sqlite3.OperationalError:  # somebody who stands still may hold the lock: he has to go on first
            self._after(LOCK_PAUSE, lambda: self.strike(blow, times))
            return
        fault.victim = had_victim(fault, self._site)
        self.faults.append(fault)
        if times > 1 and not fault.victim:
            self._after(AGAIN, lambda: self.strike(blow, times - 1))

    @property
    def _database_away(self) -> bool:
        return any(fault.kind == plan.DATABASE and fault.until is None for fault in self.faults)

    def tick(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()

    @property
    def busy(self) -> bool:
        """Something is still away, or stands still."""
        return bool(self._later)

    def _after(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, len(self.faults), what))

    def _kill_child(self, blow: Blow) -> Fault:
        child, held = self._aim_at_child(blow)
        return self._struck(blow, held, child.kill if child else None)

    def _stop_child(self, blow: Blow) -> Fault:
        child, held = self._aim_at_child(blow)
        if child is not None:
            self._after(self._form.stopped, lambda: _resume([child]))
        return self._struck(blow, held, child.suspend if child else None)

    def _kill_worker(self, blow: Blow) -> Fault:
        processes, held = self._aim_at_worker(blow)
        return self._struck(blow, held, (lambda: _all(processes, signal.SIGKILL)) if processes else None)

    def _stop_worker(self, blow: Blow) -> Fault:
        """With its children and its renewer: as a machine that stands still."""
        processes, held = self._aim_at_worker(blow)
        self._after(self._form.stopped, lambda: _resume(processes))
        return self._struck(blow, held, (lambda: _all(processes, signal.SIGSTOP)) if processes else None)

    def _kill_broker(self, blow: Blow) -> Fault:
        fault = Fault(blow.kind, 0, runs=self._unfinished(), messages=self._messages())
        fault.at = time.time()
        if self._site.broker_alive():
            self._site.kill_broker()
        time.sleep(blow.dice.uniform(0.2, 2.0))
        self._site.start_broker()
        fault.until = time.time()
        return fault

    def _cut(self, blow: Blow) -> Fault:
        fault = Fault(blow.kind, 0, runs=self._unfinished(), messages=self._messages())
        with self._site.broker() as client:
            fault.at = time.time()
            for kind in ("normal", "pubsub"):
                client.execute_command("CLIENT", "KILL", "TYPE", kind)  # type: ignore[no-untyped-call] # redis-py's gap
        return fault

    def _flush(self, blow: Blow) -> Fault:
        self._aim(lambda: self._messages() or None)
        fault = Fault(blow.kind, 0, runs=self._unfinished(), messages=self._messages())
        with self._site.broker() as client:
            fault.at = time.time()
            client.flushall()
        return fault

    def _delete_alarms(self, blow: Blow) -> Fault:
        with self._site.broker(REDBEAT) as client:
            return Fault(blow.kind, time.time(), messages=int(client.delete(ALARMS)))

    def _kill_beat(self, blow: Blow) -> Fault:
        beat = self._site.process("beat")
        return self._struck(blow, [], beat.kill if beat else None)

    def _kill_keeper(self, blow: Blow) -> Fault:
        keeper = self._site.process("keeper")
        leads = keeper is not None and f"keeper-{keeper.pid}@" in self._leader()
        fault = self._struck(blow, [], keeper.kill if keeper else None)
        fault.led = leads
        return fault

    def _take_database(self, blow: Blow) -> Fault:
        fault = Fault(blow.kind, 0, runs=self._unfinished())
        postgres = self._site.postgres
        if postgres is None:
            lock = self._site.lock_sqlite()
            fault.at = time.time()
            self._after(self._form.locked, lambda: self._again(fault, lock.close))
        else:
            postgres.halt(blow.dice.choice([signal.SIGINT, signal.SIGQUIT]))
            fault.at = time.time()
            self._after(self._form.database_down, lambda: self._again(fault, postgres.resume))
        return fault

    def _again(self, fault: Fault, give_back: Callable[[], None]) -> None:
        give_back()
        fault.until = time.time()

    def _struck(self, blow: Blow, held: list[Held], do: Callable[[], object] | None) -> Fault:
        fault = Fault(
            blow.kind, time.time(), tasks=[(one.task, one.attempt) for one in held], blind=do is None
        )
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself just now
            if do is not None:
                do()
        return fault

    def _aim_at_child(self, blow: Blow) -> tuple[psutil.Process | None, list[Held]]:
        """A child that holds a task, or else any; None when there is none at all."""

        def look() -> tuple[psutil.Process, list[Held]] | None:
            children = self._site.children()
            least = time.time() + LEFT_SECONDS
            held = [one for one in self._site.held() if one.pid in children and one.ends > least]
            if not held:
                return None
            chosen = blow.dice.choice(held)
            return children[chosen.pid][1], [chosen]

        if (aimed := self._aim(look)) is not None:
            return aimed
        idle = [process for _, process in self._site.children().values()]
        return (blow.dice.choice(idle) if idle else None), []

    def _aim_at_worker(self, blow: Blow) -> tuple[list[psutil.Process], list[Held]]:
        """All processes of a worker that holds tasks, or else of any that runs."""
        child, held = self._aim_at_child(blow)
        children = self._site.children()
        if child is None or child.pid not in children:
            running = [name for name in self._site.workers if self._site.process(name)]
            name = blow.dice.choice(running) if running else ""
        else:
            name = children[child.pid][0]
        worker = self._site.process(name) if name else None
        if worker is None:
            return [], []
        mine = {pid for pid, (owner, _) in children.items() if owner == name}
        held = [one for one in self._site.held() if one.pid in mine] or held
        return [worker, *worker.children(recursive=True)], held

    def _aim(self, look: Callable[[], T | None]) -> T | None:
        deadline = time.monotonic() + AIM_SECONDS
        while (found := look()) is None and time.monotonic() < deadline:
            self._site.tend()
            self.tick()
            time.sleep(0.02)
        return found

    def _unfinished(self) -> list[UUID]:
        """Runs that ought to make progress: one of a schedule may be waiting for the one before it."""
        waits = and_(Run.trigger == Trigger.SCHEDULE, Run.state == RunState.QUEUED)
        going = or_(Run.state == RunState.RUNNING, and_(Run.state == RunState.QUEUED, ~waits))
        try:
            with reading(self._site.runtime.sessions) as session:
                return list(session.scalars(select(Run.id).where(going)))
        except DBAPIError:
            return []

    def _messages(self) -> int:
        try:
            with self._site.broker(BROKER) as client:
                return sum(int(client.llen(name)) for name in ALL) + int(client.hlen("unacked"))
        except redis.RedisError:
            return 0

    def _leader(self) -> str:
        try:
            with reading(self._site.runtime.sessions) as session:
                return session.scalar(select(Leader.holder)) or ""
        except DBAPIError:
            return ""


def _all(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _resume(processes: list[psutil.Process]) -> None:
    """Those that were killed meanwhile stay so; psutil knows a number that was given anew."""
    _all(processes, signal.SIGCONT)
