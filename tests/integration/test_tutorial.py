"""The README as a reader follows it: its files written, its commands typed, its test run."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from presstime.settings import PROJECT
from tests.support.doc_blocks import Command, blocks_of, commands_of
from tests.support.installations.installation import Installation, one_object

README = PROJECT / "README.md"
PROMPT = ".venv/bin/presstime "


@dataclass(frozen=True)
class Reader:
    """Somebody who has written the file that the README shows."""

    installation: Installation
    folder: Path

    def type(self, line: str, *more: str) -> "subprocess.CompletedProcess[str]":
        return self.installation.command(*shlex.split(line.removeprefix(PROMPT)), *more)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    place = tmp_path_factory.mktemp("readme")
    folder = place / "my-pipelines"
    folder.mkdir()
    (folder / "quakes.py").write_text(python_blocks()[0])
    extra = {"PRESSTIME_PIPELINES": str(folder)}
    with Installation(place, extra=extra, interpreters=True) as installation:
        yield Reader(installation, folder)


def python_blocks() -> list[str]:
    return [block.text for block in blocks_of(README) if block.language == "python"]


def command(start: str) -> Command:
    """The README's one command that begins so."""
    (found,) = [command for command in commands_of(README) if command.line.startswith(start)]
    return found


def test_the_file_is_where_the_commands_look_for_it() -> None:
    text = README.read_text()

    assert "`my-pipelines/quakes.py`" in text
    assert command("export ").line == "export PRESSTIME_PIPELINES=$PWD/my-pipelines"


@pytest.mark.parametrize("start", ["check", "canvas quakes"])
def test_a_command_prints_what_the_page_shows(reader: Reader, start: str) -> None:
    asked = command(PROMPT + start)

    done = reader.type(asked.line)

    assert (done.returncode, done.stderr) == (0, "")
    assert asked.output
    assert done.stdout.rstrip("\n") == asked.output


def test_the_run_gives_the_workbook_that_the_page_promises(reader: Reader, tmp_path: Path) -> None:
    line = command(PROMPT + "run quakes --interval 2026-W45 ").line
    assert line.endswith(" --out out")

    done = reader.type(line.removesuffix("out") + str(tmp_path / "out"), "--json")

    assert done.returncode == 0, done.stderr
    (report,) = one_object(done.stdout)["reports"]
    assert Path(report["path"]) == tmp_path / "out" / "Earthquakes 2026-W45.xlsx"
    with closing(openpyxl.load_workbook(report["path"])) as book:
        assert book.sheetnames == ["Strong", "All", "About"]
        header, *rows = book["Strong"].iter_rows(values_only=True)
        assert header == ("day", "Magnitude")
        assert [row[1] for row in rows] == pytest.approx([4.8, 4.9, 5.0, 5.1])
        assert (book["Strong"]["A2"].is_date, book["Strong"]["B2"].number_format) == (True, "0.0")
        assert book["All"].max_row == 1 + 7
        about = {str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row}
        assert {"quakes", "something_was_measured"} <= about


def test_the_test_of_the_page_passes_as_it_is_started_there(reader: Reader, tmp_path: Path) -> None:
    assert command("PYTHONPATH=").line == "PYTHONPATH=my-pipelines .venv/bin/pytest test_quakes.py"
    (tmp_path / "test_quakes.py").write_text(python_blocks()[1])

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_quakes.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(reader.folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
