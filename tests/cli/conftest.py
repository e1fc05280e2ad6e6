"""Commands in this process: what they print, and how they exit."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import main
from tests.support.commands import ONE, Command, Ended


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("PRESSTIME_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pipelines, with one in it."""
    made = tmp_path / "pipelines"
    made.mkdir()
    (made / "one.py").write_text(ONE)
    monkeypatch.setenv("PRESSTIME_PIPELINES", str(made))
    return made


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command sends all logs to its own stderr, which is gone when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def status_of(ended: SystemExit) -> int:
    """What the shell would see: Python ends with 1 for whatever is no number, such as a line to print."""
    if ended.code is None:
        return 0
    return ended.code if isinstance(ended.code, int) else 1


@pytest.fixture
def command(
    data_dir: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["presstime", *words])
        try:
            main()
            code = 0
        except SystemExit as exit_:
            code = status_of(exit_)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run
