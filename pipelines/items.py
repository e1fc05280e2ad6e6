"""An item of a mapped step as people read it. Knows nothing of types."""

import json


def plain(item: str) -> str:
    """An item's canonical JSON as words: a text without its quotes, an object's or a list's values in a row."""
    value = json.loads(item)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
