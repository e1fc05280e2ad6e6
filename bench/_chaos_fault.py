"""One fault, as it was carried out, and whether there was anything for it to hit."""

from dataclasses import dataclass, field
from uuid import UUID

from bench import _chaos_plan as plan
from bench._chaos_site import Site


@dataclass
class Fault:
    """What was done, when, and what was there to be hit. Times in seconds since 1970."""

    kind: str
    at: float
    until: float | None = None  # when what was taken away was there again; None: nothing was taken away
    tasks: list[tuple[UUID, int]] = field(default_factory=list)  # held by what was struck, with the attempt
    runs: list[UUID] = field(default_factory=list)  # unfinished then, of an outage or a loss in Valkey
    messages: int = 0  # in Valkey's queues, and unacknowledged
    led: bool = False  # the keeper that was struck was the one that acts
    blind: bool = False  # there was no process to be struck
    victim: bool = False  # it took something away that has to be given back


def had_victim(fault: Fault, site: Site) -> bool:
    """Whether it took something away that has to be given back. Asked at once, before anybody has done so."""
    if fault.kind in {plan.CHILD_KILL, plan.CHILD_STOP, plan.WORKER_KILL, plan.WORKER_STOP}:
        # Whoever is struck has ended his task a moment before, or never will: then SQL still says that he holds it.
        held = {(one.task, one.attempt) for one in site.held()} if fault.tasks else set()
        return not held.isdisjoint(fault.tasks)
    if fault.kind in {plan.FLUSH, plan.ALARMS_GONE}:
        return fault.messages > 0
    if fault.kind == plan.KEEPER_KILL:
        return fault.led
    if fault.kind == plan.BEAT_KILL:
        return not fault.blind
    return bool(fault.runs)
