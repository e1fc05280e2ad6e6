"""Real pages, feeds and tables that lie beside the project; a test that needs one skips where it is not.

Such a test carries `@pytest.mark.real_data`, so that the build machine lets it skip.
"""

import os
from pathlib import Path

import pytest

from presstime.settings import PROJECT

BESIDE = PROJECT.parent / "shared" / "data"


def real_data(path: str) -> Path:
    """The file at `path` below PRESSTIME_REAL_DATA, or below the folder beside the project."""
    found = Path(os.environ.get("PRESSTIME_REAL_DATA", BESIDE)) / path
    if not found.exists():
        pytest.skip(
            f"real data is not here: {found}; set PRESSTIME_REAL_DATA to the folder that holds {path}"
        )
    return found
