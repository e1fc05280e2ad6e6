"""What a command of `presstime` leaves behind, and the pipeline that tests of commands start from."""

from collections.abc import Callable
from dataclasses import dataclass

ONE = '''
"""One number."""

import pandas as pd
from pipelines import Params, Pipeline
from reports import Sheet, Workbook


class Asked(Params):
    seconds: float = 0.0


one = Pipeline("one", params=Asked, period="month")


@one.extract
def number(asked: Asked) -> int:
    return 1


@one.report
def book(number: int) -> Workbook:
    return Workbook(Sheet("One", pd.DataFrame({"n": [number]})))
'''


@dataclass(frozen=True)
class Ended:
    code: int
    stdout: str
    stderr: str

    @property
    def line(self) -> str:
        """The only line on stderr."""
        (line,) = self.stderr.splitlines()
        return line


Command = Callable[..., Ended]
