"""Libraries that only some documents need, and that are therefore installed on request."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from reports.errors import BadWorkbook

EXTRAS = {"vl_convert": "pictures", "typst": "pdf"}  # the optional dependencies of pyproject.toml, by module
FORMATS = {"pdf": "typst"}  # which a format cannot do without; charts need more
USES = {"vl_convert": "charts as pictures need", "typst": "PDF needs"}


class MissingExtra(BadWorkbook):
    """A document needs a library that was not installed."""

    def __init__(self, module: str) -> None:
        self.extra = EXTRAS[module]
        super().__init__(
            f"{USES[module]} a library that is not installed; install it with: "
            f"pip install 'presstime[{self.extra}]'"
        )


def missing_extra(format_: str) -> str | None:
    """What to install so that a format can be written, or None where all is there."""
    module = FORMATS.get(format_)
    return None if module is None or is_there(module) else str(MissingExtra(module))


def library(module: str) -> Any:
    """Loaded when it is first needed. Raises MissingExtra."""
    if not is_there(module):
        raise MissingExtra(module)
    return import_module(module)


def is_there(module: str) -> bool:
    return find_spec(module) is not None
