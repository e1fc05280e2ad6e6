"""What reports/excel relies on inside of other libraries: an upgrade that changes it fails here, by name."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import lxml.etree
import openpyxl.cell._writer
import openpyxl.writer.excel
import polars as pl
import pytest
from openpyxl import Workbook as Book
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.styles import Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet

from reports.excel.archive import FLUSHED, SteadyZip
from reports.excel.sheet_writer import SheetWriter

OVERRIDDEN = ("write_dimensions", "write_rows", "write_row")
HEAD = ["write_properties", "write_dimensions", "write_views", "write_format", "write_cols"]


class Recorded(WorksheetWriter):
    """Says which of its methods were called, in their order."""

    def __init__(self, ws: Worksheet) -> None:
        self.called: list[str] = []
        super().__init__(ws, io.BytesIO())

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("write_"):
            super().__getattribute__("called").append(name)
        return super().__getattribute__(name)


def new_sheet() -> Any:
    book = Book()
    return book.worksheets[0]


@pytest.mark.parametrize("method", OVERRIDDEN)
def test_openpyxls_sheet_writer_has_the_methods_that_ours_replaces(method: str) -> None:
    assert callable(getattr(WorksheetWriter, method))
    assert method in vars(SheetWriter)


def test_openpyxls_sheet_writer_writes_head_rows_and_tail_in_turn() -> None:
    writer = Recorded(new_sheet())
    writer.write()
    steps = [name for name in writer.called if name not in {"write_top", "write_tail"}]
    assert steps[: len(HEAD) + 1] == [*HEAD, "write_rows"]
    assert {"write_filter", "write_hyperlinks", "write_legacy", "write_tables"} <= set(steps[len(HEAD) + 1 :])


def test_openpyxls_sheet_writer_hands_its_xml_file_over_for_the_rows() -> None:
    out = io.BytesIO()
    writer = WorksheetWriter(new_sheet(), out)
    writer.write_top()
    xf: Any = writer.xf.send(True)
    with xf.element("sheetData"):
        pass
    writer.xf.send(None)
    writer.write_tail()
    writer.close()
    assert b"<sheetData/>" in out.getvalue() or b"<sheetData></sheetData>" in out.getvalue()
    assert out.getvalue().endswith(b"</worksheet>")


def test_openpyxls_sheet_writer_keeps_links_comments_and_relations_where_ours_puts_them() -> None:
    ws = new_sheet()
    writer: Any = WorksheetWriter(ws, io.BytesIO())
    assert (ws._hyperlinks, ws._comments, list(writer._rels)) == ([], [], [])
    assert writer.ws is ws


def test_openpyxls_sheet_has_the_attributes_that_the_package_fills(tmp_path: Path) -> None:
    ws = new_sheet()
    ws._id = 1
    assert (ws._charts, ws._images, ws.path) == ([], [], "/xl/worksheets/sheet1.xml")
    assert {"_drawing", "_rels"} <= set(vars(ws)) | set(vars(type(ws)))
    writer: Any = openpyxl.writer.excel.ExcelWriter(Book(), SteadyZip(tmp_path / "a.zip"))
    assert callable(writer.write_worksheet)
    assert callable(writer.write_data)
    assert callable(writer.manifest.append)
    writer._archive.close()


def test_openpyxls_book_keeps_its_sheets_in_a_list_of_its_own() -> None:
    book: Any = Book()
    assert (type(book._sheets), book._sheets) == (list, book.worksheets)
    book.create_sheet("Added")
    assert [ws.title for ws in book._sheets] == ["Sheet", "Added"]


def test_a_cells_style_is_an_array_and_a_number() -> None:
    cell: Any = Cell(new_sheet(), 1, 1)
    cell.font = Font(bold=True)
    assert isinstance(cell._style, StyleArray)
    first, number = cell._style, cell.style_id
    other: Any = Cell(cell.parent, 2, 1)
    other._style = first
    assert (number, other.style_id, other.font.b) == (1, 1, True)


def test_a_cell_has_slots_for_its_text_type_and_comment() -> None:
    cell: Any = Cell(new_sheet(), 1, 1)
    assert (cell._value, cell.data_type, cell._comment) == (None, "n", None)
    cell.row, cell.comment = 7, Comment("note", "author")
    assert CommentRecord.from_cell(cell).ref == "A7"
    assert {"_value", "data_type", "row", "column", "_style", "_comment"} <= {
        slot for kind in Cell.__mro__ for slot in getattr(kind, "__slots__", ())
    }


def test_an_open_zip_entry_has_the_attributes_that_ours_counts_in(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a", "w") as entry,
    ):
        inside: Any = entry
        assert (inside._crc, inside._file_size, inside._compress_size) == (0, 0, 0)
        assert callable(inside._compressor.compress)
        assert callable(inside._compressor.flush)
        assert callable(inside._fileobj.write)
        inside._fileobj.write(
            zlib.compress(b"abc", wbits=-15)
        )  # as ours does: past it, and the sums set after
        inside._crc, inside._file_size, inside._compress_size = (
            zlib.crc32(b"abc"),
            3,
            inside._fileobj.tell() - 31,
        )
        inside._compressor = FLUSHED
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert (archive.testzip(), archive.read("a")) == (None, b"abc")


def test_what_goes_around_the_zip_entry_is_what_a_reader_finds(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    with SteadyZip(tmp_path / "a.zip") as steady, steady.entry("a", huge=True) as entry:
        entry.write(data)
        entry.send([memoryview(data), data])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        info = archive.getinfo("a")
        assert (archive.testzip(), archive.read("a")) == (None, data * 3)
        assert (info.file_size, info.CRC) == (3 * len(data), zipfile.crc32(data * 3))  # type: ignore[attr-defined]


def test_lxml_writes_everything_on_a_flush_before_bytes_of_ours() -> None:
    out = io.BytesIO()
    with lxml.etree.xmlfile(out) as xf, xf.element("sheetData"), xf.element("row"):
        pass
    whole = out.getvalue()
    out = io.BytesIO()
    with lxml.etree.xmlfile(out) as xf, xf.element("sheetData"):
        with xf.element("row"):
            pass
        xf.flush()
        assert out.getvalue() == whole.removesuffix(b"</sheetData>")
        out.write(b"<mine/>")
        with xf.element("row"):
            pass
    assert out.getvalue() == b"<sheetData><row></row><mine/><row></row></sheetData>"


@pytest.mark.parametrize("rows", [1, 10, 10_000])
def test_polars_keeps_long_texts_one_after_the_other(rows: int) -> None:
    numbers = pl.int_range(rows, eager=True).cast(pl.String)
    joined = pl.select(pl.concat_str([pl.lit('<row r="'), numbers, pl.lit('"></row>')])).to_series()
    array: Any = joined.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    assert str(array.type) == "string_view"
    assert b"".join(memoryview(part) for part in array.buffers()[2:]) == "".join(joined.to_list()).encode()


@pytest.mark.parametrize(
    ("number", "text"), [(0.1 + 0.2, "0.30000000000000004"), (1e300, "1e+300"), (-0.0, "-0.0")]
)
def test_polars_writes_a_float_as_the_shortest_text_that_gives_it_back(number: float, text: str) -> None:
    joined = pl.select(pl.concat_str([pl.lit("<v>"), pl.Series([number])])).to_series()[0]
    assert joined == f"<v>{text}"
    assert float(text) == number
