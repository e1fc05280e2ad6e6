"""What an options row asks for: `<<sum>>`, `<<sort>>`, `<<group>>`. Knows no rows of data."""

import re
from dataclasses import dataclass, field

from reports.errors import did_you_mean

TAG = re.compile(r"<<(.*?)>>", re.DOTALL)
WORD = re.compile(r'\s*(\w+)(?:\s*=\s*(?:"([^"]*)"|(\S+)))?')
FUNCTIONS = {  # numbers in SUBTOTAL, those that count rows which are folded away
    "average": 1,
    "avg": 1,
    "count": 2,
    "counta": 3,
    "max": 4,
    "min": 5,
    "product": 6,
    "sum": 9,
}
OPTIONS: dict[str, frozenset[str]] = {
    **{name: frozenset() for name in FUNCTIONS},
    "sort": frozenset({"desc"}),
    "group": frozenset({"desc", "totallabel", "grandlabel"}),
    "pivot": frozenset(),
}
FLAGS = frozenset({"desc"})


class BadTag(Exception):
    """A tag that nobody knows; the text says why. The caller adds where."""


@dataclass(frozen=True)
class Tag:
    name: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def descending(self) -> bool:
        return "desc" in self.options


def tags_of(text: str) -> list[Tag]:
    return [_tag(found) for found in TAG.findall(text)]


def _tag(text: str) -> Tag:
    words = [(m[1].lower(), m[2] if m[2] is not None else m[3]) for m in WORD.finditer(text)]
    if not words or WORD.sub("", text).strip():
        raise BadTag(f'<<{text}>> is no tag; write it like <<sum>> or <<group TotalLabel="Total">>')
    name, value = words[0]
    if name not in OPTIONS or value is not None:
        known = f"{did_you_mean(name, list(OPTIONS))} Known are {', '.join(OPTIONS)}."
        raise BadTag(f"<<{text}>>: there is no tag {name!r}{known}")
    for option, given in words[1:]:
        options = OPTIONS[name]
        if option not in options:
            takes = f"it takes {', '.join(sorted(options))}" if options else "it takes none"
            raise BadTag(f"<<{text}>>: {name} has no option {option!r}; {takes}")
        if (given is None) != (option in FLAGS):
            raise BadTag(f"<<{text}>>: write {option}" + ("" if option in FLAGS else '="..."'))
    return Tag(name, {option: given or "" for option, given in words[1:]})
