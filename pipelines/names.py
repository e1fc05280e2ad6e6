"""Rules for names, and guesses at the one that was meant. Knows nothing of pipelines."""

import difflib
import keyword
import re
from collections.abc import Iterable

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME = 80  # characters; a name becomes part of paths, queue messages and file names


def kebab_problem(name: object) -> str | None:
    """Return why `name` cannot name a pipeline or a schedule; None when it can."""
    if not isinstance(name, str) or not KEBAB.fullmatch(name):
        return f"name {name!r} is not lower-case words joined by '-', such as 'daily-sales'"
    return _length_problem(name)


def step_name_problem(name: object) -> str | None:
    """Return why `name` cannot name a step; None when it can. A parameter takes a step's result by its name."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        return f"name {name!r} cannot be the name of a parameter, and so not of a step"
    return _length_problem(name)


def _length_problem(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"name {name!r} has {len(name)} characters; {MAX_NAME} are allowed"
    return None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
