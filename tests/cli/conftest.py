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


@pytest.fixture
def command(
    data_dir: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["presstime", *words])
        code: object = 0
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code
        printed = capsys.readouterr()
        return Ended(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run
