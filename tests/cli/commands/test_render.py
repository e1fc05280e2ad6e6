"""A document out of a file with a table, on the command line."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.errors import MAX_ROWS
from reports.files import sources
from tests.support.commands import Command

HEAVY = ("pandas", "polars", "pyarrow", "openpyxl", "sqlalchemy")
AT = datetime(2013, 7, 1, 16, 30, tzinfo=UTC)
FRAME = pl.DataFrame({"carrier": ["UA", None], "share": [0.25, 0.5], "at": [AT, AT]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "week.1.parquet"
    FRAME.write_parquet(path)
    return path


def test_a_table_becomes_a_workbook_and_one_line_says_so(
    command: Command, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "week.xlsx"

    ended = command("render", str(file), str(out))

    assert (ended.code, ended.stderr) == (0, "")
    (line,) = ended.stdout.splitlines()
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert line.startswith(f"{out}  2 rows  {out.stat().st_size:,} bytes  ")
    assert line.endswith(f"sha256 {digest}")
    sheet = openpyxl.load_workbook(out)["week.1"]
    assert [cell.value for cell in next(sheet.iter_rows())] == ["carrier", "share", "at (UTC)"]
    assert [cell.number_format for cell in next(sheet.iter_rows(min_row=2))][1:] == [
        "0.0%",
        "yyyy-mm-dd hh:mm",
    ]


def test_json_says_it_for_programs(command: Command, tmp_path: Path) -> None:
    pl.DataFrame({"a": [1.5, float("nan")]}).write_parquet(tmp_path / "a.parquet")

    ended = command("render", str(tmp_path / "a.parquet"), str(tmp_path / "b.xlsx"), "--json")

    told = json.loads(ended.stdout)
    assert ended.stderr == ""
    assert told.pop("seconds") >= 0
    assert len(told.pop("content_sha256")) == 64
    assert told == {
        "path": str(tmp_path / "b.xlsx"),
        "bytes": (tmp_path / "b.xlsx").stat().st_size,
        "sha256": hashlib.sha256((tmp_path / "b.xlsx").read_bytes()).hexdigest(),
        "rows": 2,
        "findings": [
            {
                "kind": "nan",
                "sheet": "a",
                "column": "a",
                "count": 1,
                "cell": "A3",
                "text": "NaN, now blank cells: 1",
            }
        ],
    }


def test_the_same_table_gives_the_same_bytes_whenever_and_however_it_is_written(
    command: Command, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outs = [tmp_path / f"{number}.xlsx" for number in range(4)]
    command("render", str(file), str(outs[0]))
    command("render", str(file), str(outs[1]), "--path", "openpyxl")
    monkeypatch.setattr(sources, "IN_MEMORY", 0)  # laid out on disk, as large ones are
    command("render", str(file), str(outs[2]))
    command("render", str(file), str(outs[3]), "--created", "2013-02-01T06:00+01:00")

    assert outs[0].read_bytes() == outs[2].read_bytes()
    books = [openpyxl.load_workbook(out) for out in outs]
    assert len({tuple(book["week.1"].values) for book in books}) == 1
    created = [book.properties.created.isoformat() for book in books if book.properties.created]
    assert created == ["1980-01-01T00:00:00"] * 3 + ["2013-02-01T05:00:00"]


def test_fast_files_are_larger_and_hold_the_same(command: Command, tmp_path: Path) -> None:
    pl.DataFrame({"a": range(20_000)}).write_parquet(tmp_path / "a.parquet")
    outs = [tmp_path / "small.xlsx", tmp_path / "fast.xlsx"]

    told = [
        json.loads(command("render", str(tmp_path / "a.parquet"), str(out), "--json", *words).stdout)
        for out, words in zip(outs, ((), ("--fast",)), strict=True)
    ]

    assert told[0]["bytes"] < told[1]["bytes"]
    assert told[0]["content_sha256"] == told[1]["content_sha256"]


def write_stream(path: Path) -> None:
    table = FRAME.to_arrow()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.arrow", FRAME.write_ipc),
        ("a.ARROW", write_stream),
        ("a.feather", lambda path: FRAME.write_ipc(path, compression="zstd")),
    ],
)
@pytest.mark.parametrize("in_memory", [0, 2**20])
def test_arrow_files_are_read_too(
    *,
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    write: Callable[[Path], None],
    in_memory: int,
) -> None:
    monkeypatch.setattr(sources, "IN_MEMORY", in_memory)
    write(tmp_path / name)

    ended = command("render", str(tmp_path / name), str(tmp_path / "b.parquet"))

    assert ended.code == 0
    assert pl.read_parquet(tmp_path / "b.parquet").equals(FRAME)


def test_categories_that_differ_from_part_to_part_are_what_they_stand_for(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "IN_MEMORY", 0)
    parts = [
        pa.record_batch({"a": pa.array(values).dictionary_encode()}) for values in (["x", "y"], ["z", "x"])
    ]
    with (
        pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, parts[0].schema) as writer,
    ):
        for part in parts:
            writer.write_batch(part)

    command("render", str(tmp_path / "a.arrow"), str(tmp_path / "a.csv"))

    assert (tmp_path / "a.csv").read_text().split() == ["a", "x", "y", "z", "x"]


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "html", "pdf"])
def test_the_ending_says_the_format(command: Command, file: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"week.{ending}"

    assert command("render", str(file), str(out)).code == 0

    starts = {
        "csv": b"carrier,share,at (UTC)\n",
        "parquet": b"PAR1",
        "json": b'{"title": null,',
        "html": b"<!doctype html>",
        "pdf": b"%PDF-",
    }
    assert out.read_bytes().startswith(starts[ending])


def test_a_name_that_excel_refuses_for_a_sheet_is_cleaned(command: Command, tmp_path: Path) -> None:
    for name in ("About", "a[1]" * 10):
        FRAME.write_parquet(tmp_path / f"{name}.parquet")
        command("render", str(tmp_path / f"{name}.parquet"), str(tmp_path / f"{name}.xlsx"))

    names = [openpyxl.load_workbook(path).sheetnames[0] for path in sorted(tmp_path.glob("*.xlsx"))]
    assert names == ["About (2)", ("a-1-" * 10)[:31]]


def test_more_rows_than_a_sheet_holds_need_a_word(command: Command, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([True]).take(pa.array([0] * MAX_ROWS))}), tmp_path / "a.parquet")
    words = ("render", str(tmp_path / "a.parquet"), str(tmp_path / "a.xlsx"))

    refused = command(*words)
    assert refused.code == 2
    assert "it has 1,048,576 rows, and a sheet holds 1,048,575 below its header; add --split" in refused.line
    assert not (tmp_path / "a.xlsx").exists()
    done = command(*words, "--split", "--fast")
    assert done.code == 0
    assert done.line == "sheet 'a': its 1,048,576 rows were split over 2 sheets"


def test_what_a_cell_cannot_hold_is_refused_or_repaired(command: Command, tmp_path: Path) -> None:
    pl.DataFrame({"id": [2**60], "list": [[1, 2]]}).write_parquet(tmp_path / "a.parquet")
    words = ("render", str(tmp_path / "a.parquet"), str(tmp_path / "a.xlsx"))

    refused = command(*words)
    assert refused.code == 2
    assert "add --repair: what a cell cannot hold becomes text, and is listed" in refused.line
    done = command(*words, "--repair")
    assert (done.code, len(done.stderr.splitlines())) == (0, 2)
    assert list(openpyxl.load_workbook(tmp_path / "a.xlsx")["a"].values)[1] == (str(2**60), "[1, 2]")


@pytest.mark.parametrize(
    ("source", "target", "words", "said"),
    [
        ("none.parquet", "a.xlsx", (), "none.parquet: there is no such file"),
        ("", "a.xlsx", (), ": it is no file"),
        ("empty.parquet", "a.xlsx", (), "empty.parquet: the file is empty (0 bytes)"),
        (
            "text.parquet",
            "a.xlsx",
            (),
            "text.parquet: it cannot be read as .parquet: Parquet magic bytes not",
        ),
        ("text.arrow", "a.xlsx", (), "text.arrow: it cannot be read as .arrow: "),
        ("cut.parquet", "a.xlsx", (), "cut.parquet: it cannot be read as .parquet: "),
        ("text.csv", "a.xlsx", (), "text.csv: tables are read from .parquet, .arrow, .feather, .ipc files"),
        ("good.parquet", "", (), "it is a folder; name a file in it, such as "),
        (
            "good.parquet",
            "a.xslx",
            (),
            "its ending says no format; did you mean '.xlsx'? Known are .xlsx, .csv",
        ),
        ("good.parquet", "a", (), "its ending says no format. Known are .xlsx"),
        ("good.parquet", "no/a.xlsx", (), "a.xlsx: there is no folder "),
        ("good.parquet", "good.parquet", (), "it is the file that is read"),
        ("good.parquet", "a.csv", ("--fast",), "--fast, --path and --split are about .xlsx"),
        (
            "good.parquet",
            "a.xlsx",
            ("--path", "rows"),
            "--path 'rows': it is one of auto, columnar, openpyxl",
        ),
        ("good.parquet", "a.xlsx", ("--created", "now"), "--created 'now': it is a time such as 2013-02-01"),
    ],
)
def test_a_wrong_word_is_one_line_and_leaves_nothing(
    *,
    command: Command,
    file: Path,
    tmp_path: Path,
    source: str,
    target: str,
    words: tuple[str, ...],
    said: str,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    whole = file.read_bytes()
    texts = dict.fromkeys(("text.parquet", "text.arrow", "text.csv"), b"carrier\nUA\n" * 9)
    made = {"empty.parquet": b"", "good.parquet": whole, "cut.parquet": whole[:20] + whole[-200:], **texts}
    for name, body in made.items():
        (folder / name).write_bytes(body)

    refused = command("render", str(folder / source), str(folder / target), *words)

    assert refused.code == 2
    assert refused.stdout == ""
    assert said in refused.line
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made


def test_the_list_of_commands_loads_no_table_library() -> None:
    code = f"import sys, cli.main; print([name for name in {HEAVY} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
