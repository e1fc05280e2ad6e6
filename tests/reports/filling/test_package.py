"""The filled workbook as a package: what is carried over, what is added, and that it is the same each time."""

import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from reports import CsvDialect, Template
from reports.errors import OnlyXlsx
from reports.file_formats import Format, check_formats, ending, media_type
from reports.files.document import write_document
from reports.filling.writer import write_template
from reports.template import BadTemplate
from reports.written import NaiveCreated
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.own_template import OWN, ROWS
from tests.support.workbooks.package import packed, parts, repacked, xml
from tests.support.workbooks.templates import CREATED, built, faults, fill, template

VALUES = {"title": "Own", "People": ROWS}


def test_every_part_is_there_in_its_order_and_what_need_not_change_keeps_its_bytes(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", OWN, VALUES, about=ABOUT)
    before, after = parts(OWN), parts(tmp_path / "a.xlsx")

    assert list(after) == [*before, "xl/worksheets/sheet3.xml"]
    kept = {name for name in before if before[name] == after[name]}
    assert kept == {
        "xl/sharedStrings.xml",
        "xl/theme/theme1.xml",
        "docProps/app.xml",
        "_rels/.rels",
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/drawings/_rels/drawing1.xml.rels",
    }


def test_the_text_box_is_still_there(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", OWN, VALUES)

    assert b"A note" in parts(tmp_path / "a.xlsx")["xl/drawings/drawing1.xml"]


def test_a_template_of_which_all_is_filled_notes_nothing(tmp_path: Path) -> None:
    assert fill(tmp_path / "a.xlsx", OWN, VALUES).notes == ()


def test_equal_values_give_equal_bytes_in_another_process_too(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.own_template import OWN, ROWS
from tests.support.workbooks.templates import fill
Path(sys.argv[1]).write_bytes(OWN)
fill(Path(sys.argv[2]), Path(sys.argv[1]), {"title": "Own", "People": ROWS}, about=ABOUT)
"""
    source, other, path = (tmp_path / name for name in ("t.xlsx", "b.xlsx", "a.xlsx"))
    arguments = [sys.executable, "-c", code, str(source), str(other)]
    subprocess.run(arguments, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    written = fill(path, source, VALUES, about=ABOUT)

    assert path.read_bytes() == other.read_bytes()
    assert written.bytes == path.stat().st_size


def test_the_content_changes_with_a_figure_and_not_with_about_or_the_day(tmp_path: Path) -> None:
    plain = fill(tmp_path / "a.xlsx", OWN, VALUES)
    about = fill(tmp_path / "a.xlsx", OWN, VALUES, about=ABOUT)
    other = fill(tmp_path / "a.xlsx", OWN, {**VALUES, "title": "Own!"})
    later = write_template(
        Template(OWN, VALUES), tmp_path / "a.xlsx", created=datetime(2027, 1, 1, tzinfo=UTC)
    )

    assert plain.content_sha256 == about.content_sha256 == later.content_sha256 != other.content_sha256
    assert len({plain.sha256, about.sha256, later.sha256, other.sha256}) == 4
    assert plain.rows == {"Report": 4}


def test_about_is_the_last_sheet_and_looks_as_it_does_elsewhere(tmp_path: Path) -> None:
    source = template({"A1": "{{ x }}"})
    fill(tmp_path / "a.xlsx", source, {"x": float("nan")}, about=ABOUT, title="T")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")

    assert book.sheetnames == ["S", "About"]
    ws = book["About"]
    assert (ws["A1"].value, ws["A1"].font.sz, ws["A1"].font.b) == (ABOUT.title, 18, True)
    assert ws["A3"].value == "Pipeline"
    assert "sheet 'S', column 'x': NaN, now blank cells: 1 (first in A1)" in [cell.value for cell in ws["A"]]
    assert f"Filled into the template (bytes), SHA-256 {sha256(source).hexdigest()}" in [
        c.value for c in ws["A"]
    ]
    dates = [cell for row in ws.iter_rows() for cell in row if isinstance(cell.value, datetime)]
    assert {cell.number_format for cell in dates} == {"yyyy-mm-dd hh:mm:ss"}
    assert book.properties.created == book.properties.modified == CREATED.replace(tzinfo=None)
    assert book.properties.title == "T"


def test_cells_of_the_template_keep_their_formats_when_about_is_added(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", OWN, VALUES, about=ABOUT)
    for name in ("fonts", "fills", "borders", "cellXfs", "dxfs"):
        old, new = (
            [
                etree.tostring(one)
                for one in etree.fromstring(parts(file)["xl/styles.xml"]).iterfind(f"{{*}}{name}/*")
            ]
            for file in (OWN, tmp_path / "a.xlsx")
        )
        assert old
        assert new[: len(old)] == old


def test_nothing_in_it_is_against_the_standard(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", OWN, VALUES, about=ABOUT)

    assert faults(tmp_path / "a.xlsx") <= faults(OWN)


def test_a_template_with_a_sheet_about_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="sheet 'About': Presstime adds a sheet of this name"):
        fill(tmp_path / "a.xlsx", template({"A1": 1}, sheet="about"), {}, about=ABOUT)


def test_a_template_without_properties_gets_them(tmp_path: Path) -> None:
    files = parts(template({"A1": 1}))
    del files["docProps/core.xml"]
    for name in ("_rels/.rels", "[Content_Types].xml"):
        files[name] = b"".join(one for one in split(files[name]) if b"core" not in one)
    fill(tmp_path / "a.xlsx", packed(files), {})

    assert openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created == CREATED.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"nothing", "it is no .xlsx file, or a damaged one"),
        (repacked(OWN, {"xl/sharedStrings.xml": b"<sst/>"}), "sheet1.xml: a cell of it cannot be read"),
        (b"\xd0\xcf\x11\xe0rest", "it is an .xls or has a password; save it as .xlsx without one"),
        (repacked(OWN, {"xl/workbook.xml": b"<broken"}), "xl/workbook.xml: this part cannot be read"),
        (
            repacked(OWN, {"xl/worksheets/sheet1.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
            "sheet1.xml: this part is no worksheet",
        ),
    ],
    ids=["text", "texts", "old", "broken", "entity"],
)
def test_what_is_no_workbook_is_refused_and_the_old_file_stays(
    tmp_path: Path, data: bytes, says: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"last week")
    with pytest.raises(BadTemplate) as caught:
        fill(tmp_path / "a.xlsx", data, {"title": "x", "People": []})

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "a.xlsx").read_bytes() == b"last week"


def test_a_workbook_with_macros_is_refused_and_an_excel_template_becomes_a_workbook(tmp_path: Path) -> None:
    types = parts(OWN)["[Content_Types].xml"]
    macros = types.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    with pytest.raises(BadTemplate, match="it holds macros"):
        fill(tmp_path / "a.xlsx", repacked(OWN, {"[Content_Types].xml": macros}), VALUES)

    fill(
        tmp_path / "a.xlsx",
        repacked(OWN, {"[Content_Types].xml": types.replace(b"sheet.main", b"template.main")}),
        VALUES,
    )
    assert b"sheet.main+xml" in parts(tmp_path / "a.xlsx")["[Content_Types].xml"]


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        BadTemplate, match=r"template 'offer.xlsx': .*offer.xlsx cannot be read: No such file"
    ):
        fill(tmp_path / "a.xlsx", tmp_path / "offer.xlsx", {})


def test_a_time_of_creation_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NaiveCreated):
        write_template(Template(OWN, VALUES), tmp_path / "a.xlsx", created=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("format_", ["csv", "json", "parquet", CsvDialect(";")], ids=str)
def test_a_template_is_an_xlsx_and_nothing_else(tmp_path: Path, format_: Format) -> None:
    with pytest.raises(OnlyXlsx, match=r"a template is an \.xlsx, and"):
        write_document(Template(OWN, VALUES), tmp_path / "a", format=format_, created=CREATED)
    with pytest.raises(OnlyXlsx):
        check_formats(Template(OWN, VALUES), ["xlsx", format_])


def test_a_template_is_written_where_documents_are(tmp_path: Path) -> None:
    document = Template(OWN, VALUES)
    check_formats(document, ["xlsx"])
    written = write_document(document, tmp_path / "a.xlsx", created=CREATED)

    assert (ending(document, "xlsx"), written.rows) == (".xlsx", {"Report": 4})
    assert media_type(document, "xlsx").endswith("spreadsheetml.sheet")


def test_a_sheet_that_nothing_changes_keeps_its_bytes_and_its_values(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A1"] = "{{ x }}"
        book.create_sheet("Apart")["A1"] = "=1+1"

    source = built(build)
    fill(tmp_path / "a.xlsx", source, {"x": 1})
    part = "xl/worksheets/sheet2.xml"

    assert parts(tmp_path / "a.xlsx")[part] == parts(source)[part]
    assert xml(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml") is not None


def split(data: bytes) -> list[bytes]:
    return [part + b">" for part in data.split(b">")][:-1]


@pytest.mark.parametrize(
    ("sizes", "refused"), [((1_500_000_000, 500_000_000), False), ((1_500_000_000, 500_000_001), True)]
)
def test_a_template_that_unpacks_to_more_than_two_gigabytes_is_refused_unread(
    tmp_path: Path, sizes: tuple[int, int], refused: bool
) -> None:
    """The sizes are what the archive says of itself: an attack need not have the bytes."""
    source = tmp_path / "template.xlsx"
    with zipfile.ZipFile(source, "w") as archive:
        for number, size in enumerate(sizes):
            archive.writestr(f"part{number}.xml", b"<a/>")
            archive.infolist()[number].file_size = size

    with pytest.raises(BadTemplate) as caught:
        fill(tmp_path / "a.xlsx", source, {})

    assert ("it unpacks to more than 2 GB" in str(caught.value)) is refused


def test_the_times_of_a_book_say_their_type_by_the_prefix_that_the_book_has_for_it(tmp_path: Path) -> None:
    """Excel repairs a workbook whose times are of a type that it does not know."""
    core = parts(OWN)["docProps/core.xml"].replace(b"dcterms", b"terms")
    source = repacked(OWN, {"docProps/core.xml": core})

    for name, template_, prefix in (("a", OWN, "dcterms"), ("b", source, "terms")):
        fill(tmp_path / f"{name}.xlsx", template_, VALUES)
        root = xml(tmp_path / f"{name}.xlsx", "docProps/core.xml")
        times = [element for element in root if element.tag.endswith(("}created", "}modified"))]
        types = {element.get("{http://www.w3.org/2001/XMLSchema-instance}type") for element in times}
        assert (len(times), types) == (2, {f"{prefix}:W3CDTF"})
