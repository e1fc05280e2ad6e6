"""Previews of workbooks that are large, swell when unpacked, or are damaged: little is read, nothing breaks."""

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from reports import Column, Sheet
from reports.reading.errors import NoPreview, TooLarge, Unreadable
from reports.reading.markup import PIECE
from reports.reading.preview import read_preview
from reports.reading.workbooks import MEASURED, MOST_OF_SHEET
from tests.support.workbooks.previews import Counting, by_hand, preview
from tests.support.workbooks.reading import write


def test_of_a_large_workbook_little_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"n": range(100_000), "text": [f"text {n * 7919 % 100_003}" for n in range(100_000)]}
    )
    write(tmp_path / "a.xlsx", *(Sheet(name, frame, columns={"n": Column()}) for name in ("A", "B", "Last")))

    with Counting(tmp_path / "a.xlsx") as file:
        seen = read_preview(io.BufferedReader(file), "xlsx", "Last")

        assert (len(seen.rows), seen.more_rows) == (50, True)
        assert file.bytes < 200_000 < (tmp_path / "a.xlsx").stat().st_size / 10


def test_shared_texts_behind_those_shown_are_not_read(tmp_path: Path) -> None:
    texts = "".join(f"<si><t>text {number * 7919 % 100_003}</t></si>" for number in range(100_000))
    path = by_hand(tmp_path / "a.xlsx", '<row><c t="s"><v>1</v></c></row>', texts)

    with Counting(path) as file:
        assert read_preview(io.BufferedReader(file), "xlsx").rows == [["text 7919"]]
        assert file.bytes < 100_000


def test_many_sheets_are_named_and_some_measured(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for number in range(2 * MEASURED):
        made.create_sheet(f"S{number}").append(["a", "b"])
        made.worksheets[-1].append(["c"])
    made.save(tmp_path / "a.xlsx")

    seen = preview(tmp_path / "a.xlsx", "S1").sheets

    assert len(seen) == 2 * MEASURED + 1
    assert (seen[2].rows, seen[-1].rows) == (2, None)


def test_a_sheet_that_swells_is_read_as_far_as_it_may(tmp_path: Path) -> None:
    row = f'<row><c t="inlineStr"><is><t>{"a" * 100_000}</t></is></c></row>'
    path = by_hand(tmp_path / "a.xlsx", row * (2 * MOST_OF_SHEET // len(row)))
    assert path.stat().st_size < 1_000_000

    seen = preview(path, rows=1000)

    assert seen.more_rows
    assert MOST_OF_SHEET * 0.9 < len(seen.rows) * len(row) < MOST_OF_SHEET


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
def test_a_part_that_swells_before_its_first_row_is_refused(tmp_path: Path, part: str) -> None:
    path = by_hand(tmp_path / "a.xlsx", "", **{part: "<a>" + "<b/>" * (PIECE // 4)})

    with pytest.raises(TooLarge, match="8 MiB"):
        preview(path)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_are_refused(tmp_path: Path, part: str) -> None:
    lines = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    text = f'{lines}<worksheet><sheetData><row><c t="str"><v>&c;</v></c></row></sheetData></worksheet>'
    path = by_hand(tmp_path / "a.xlsx", "", **{part: text})

    with pytest.raises(Unreadable, match="document type"):
        preview(path)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 and no more", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused_in_one_line(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(body)

    with pytest.raises(Unreadable, match="cannot be read as xlsx: ") as caught:
        preview(tmp_path / "a.xlsx")

    assert "\n" not in str(caught.value)


def test_a_damaged_workbook_never_breaks_the_reader(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("Data", pd.DataFrame({"n": range(2000), "at": datetime.now(UTC)})))
    body = (tmp_path / "a.xlsx").read_bytes()
    refused = 0
    for place in range(0, len(body), max(len(body) // 400, 1)):
        damaged = body[:place] + bytes([body[place] ^ 0xFF]) + body[place + 1 :]
        try:
            read_preview(io.BytesIO(damaged), "xlsx")
        except NoPreview:
            refused += 1

    assert refused
