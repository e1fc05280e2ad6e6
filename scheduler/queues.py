"""The queues of the broker: one for each kind of work, and beside each an express lane for what is short."""

from presstime.errors import PresstimeError
from presstime.models import Lane, StepKind

CONTROL = "control"  # `advance` and `fire`: milliseconds each
EXPRESS = ".express"
WORK = ("extract", "transform", "report")
OF_KIND = {
    StepKind.EXTRACT: "extract",
    StepKind.TRANSFORM: "transform",
    StepKind.CHECK: "transform",
    StepKind.REPORT: "report",
    StepKind.LOAD: "report",
}


class UnknownQueue(PresstimeError):
    """A worker was told to read a queue that nothing is ever sent to."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"PRESSTIME_WORKER_QUEUES: there is no queue {name!r}; there are {', '.join(ALL)}")


def queue_of(kind: StepKind, lane: Lane) -> str:
    return OF_KIND[kind] + (EXPRESS if lane is Lane.EXPRESS else "")


def with_express(names: list[str]) -> list[str]:
    """The queues that a worker reads: to each kind of work its express lane. One may also be named alone.

    Redis hands out from all of them in turn, so neither lane starves the other.
    """
    queues: list[str] = []
    for name in names:
        queues += [name + EXPRESS, name] if name in WORK else [name]
    return queues


def read_queues(text: str) -> list[str]:
    """The queues that a setting names, separated by commas, with their lanes. Raises UnknownQueue."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in ALL:
            raise UnknownQueue(name)
    return with_express(names)


ALL = with_express([CONTROL, *WORK])
