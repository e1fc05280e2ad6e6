"""A process opens the pipelines of the installation, in the version that a run was made with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presstime.settings import Settings
from scheduler.runtime import Runtime

PIPELINE = """
from pipelines import Pipeline

p = Pipeline("one")


@p.extract
def one() -> int:
    return 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pipelines"
    made.mkdir()
    (made / "one.py").write_text(PIPELINE)
    return made


@pytest.fixture
def opened(tmp_path: Path, folder: Path) -> Iterator[Runtime]:
    made = Runtime.open(Settings(data_dir=tmp_path / "data", pipelines=[folder]))
    yield made
    made.engine.dispose()


def test_a_run_of_an_older_presstime_goes_on_with_the_same_file(opened: Runtime) -> None:
    digest = opened.registry.get("one").code_version.rpartition("+")[2]

    assert opened.pipeline("one", f"0.0.1+{digest}") is opened.registry.get("one")
    assert opened.pipeline("one", f"{digest}") is opened.registry.get("one")


def test_a_run_of_another_file_does_not(opened: Runtime, folder: Path) -> None:
    version = opened.registry.get("one").code_version

    (folder / "one.py").write_text(PIPELINE.replace("return 1", "return 2"))

    assert opened.pipeline("one", opened.registry.get("one").code_version.replace("+", "+0")) is None
    assert opened.pipeline("one", version) is None, "its file is another now"
