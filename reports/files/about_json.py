"""What determined a document, as JSON beside or inside it: the counterpart of a workbook's sheet About."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reports.about import About
from reports.preflight import Finding


def about_members(about: About | None, created: datetime, findings: Sequence[Finding]) -> dict[str, Any]:
    """`created` in UTC. `about` is null for a workbook that no pipeline made."""
    return {
        "created": created.astimezone(UTC).isoformat(),
        "about": asdict(about) if about is not None else None,
        "findings": [asdict(finding) for finding in findings],
    }


def json_text(members: object, *, indent: int | None = None) -> str:
    """Datetimes in ISO 8601, each with its offset."""
    return json.dumps(members, ensure_ascii=False, indent=indent, default=_plain, allow_nan=False)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
