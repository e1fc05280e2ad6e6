"""What importing costs those who only list pipelines."""

import subprocess
import sys

import pytest

HEAVY = ("httpx", "pandas", "lxml", "pyarrow", "polars")


@pytest.mark.parametrize("module", ["pipelines", "pipelines.sources", "pipelines.sources.snapshots"])
def test_importing_loads_no_library_that_fetches_or_reads(module: str) -> None:
    script = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"

    # obstore, which stores snapshots, is not among them: the artifact store needs it anyway.
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
