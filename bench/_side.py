"""What is compared: somebody who takes orders for workbooks, by a worker process of its own."""

import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench._installation import Installation

# For the measured workers alone. By default a child ends after so many messages, in whose block is chance.
SETTINGS = {"worker_max_tasks_per_child": None}


@dataclass(frozen=True)
class Asked:
    """One order; `at` is taken before anything is done for it, in seconds since 1970."""

    key: str
    at: float


@dataclass(frozen=True)
class Ended:
    """When an order was done with, in seconds since 1970, and its workbook."""

    at: float
    workbook: Path


class Side(ABC):
    """Starts its worker when it is made; the installation ends it."""

    name: ClassVar[str]
    helper_delay: ClassVar[float] = 0.0  # seconds until all of the worker's processes have begun their work
    worker: "subprocess.Popen[bytes]"

    @abstractmethod
    def __init__(self, installation: Installation) -> None: ...

    @abstractmethod
    def ask(self) -> Asked: ...

    @abstractmethod
    def wait(self, asked: Asked) -> Ended:
        """Raises BenchFailed when it does not end well."""

    @abstractmethod
    def seasoned(self) -> set[int]:
        """The process ids of the pool's children that have executed each kind of work."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; the worker goes on."""

    def rows_written(self) -> dict[str, int]:
        """Rows in SQL by table, of all orders so far; nothing where there is no SQL."""
        return {}
