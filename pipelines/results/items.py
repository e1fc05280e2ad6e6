"""The items of mapped steps: as stored lists have them, and as people read one. Knows nothing of types."""

import json
from collections.abc import Mapping

from presstime.artifacts import Artifacts


def plain(item: str) -> str:
    """An item's canonical JSON as words: a text without its quotes, an object's or a list's values in a row."""
    value = json.loads(item)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def items_of(descriptor: Mapping[str, object], artifacts: Artifacts) -> list[str]:
    """The canonical JSON of each item of a stored list. Needs none of its author's code."""
    values = json.loads(json_text(descriptor, artifacts))
    return [json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for value in values]


def json_text(descriptor: Mapping[str, object], artifacts: Artifacts) -> str:
    """The JSON of a small value, from its descriptor or from the store."""
    if "key" in descriptor:
        return artifacts.read(str(descriptor["key"])).decode()
    return str(descriptor["text"])
