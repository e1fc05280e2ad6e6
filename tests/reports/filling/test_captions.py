"""Placeholders in no cell: headers and footers, text boxes, charts."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reports.filling.captions import filled_header
from reports.template import BadTemplate
from tests.support.workbooks.libreoffice import opened_and_saved
from tests.support.workbooks.package import parts, repacked, xml
from tests.support.workbooks.templates import drawn, faults, fill, texts

VALUES: Mapping[str, Any] = {"client": "Smith & <Sons>", "day": date(2026, 11, 2), "n": 12, "lines": "a\nb"}
DRAWING, CHART, SHEET = "xl/drawings/drawing1.xml", "xl/charts/chart1.xml", "xl/worksheets/sheet1.xml"
ROWS = {"Rows": [{"x": 1}, {"x": 2}, {"x": 3}]}


def source(
    *, box: str = "", title: str = "", axis: str = "", series: str = "", header: str = "", **options: Any
) -> bytes:
    """A template with a range `Rows` to fill in A2, a chart below it, a text box and a header."""

    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        ws.write_column("A1", ["{{ n }}", "{{ item.x }}", "below"])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=S!$A$2:$A$2", "name": series or None})
        if title:
            chart.set_title({"name": title})
        if axis:
            chart.set_x_axis({"name": axis})
        ws.insert_chart("C5", chart)
        if box:
            ws.insert_textbox("C1", box, options)
        if header:
            ws.set_header(header)
        book.define_name("Rows", "=S!$A$2:$A$2")

    return drawn(build)


def filled(path: Path, template: bytes, values: Mapping[str, Any] = VALUES) -> Path:
    fill(path, template, {**ROWS, **values})
    assert faults(path) <= faults(template)
    return path


def test_text_boxes_titles_and_headers_are_filled_with_the_values(tmp_path: Path) -> None:
    template = source(
        box="For {{ client }}, {{ day }}",
        title="{{ n }} sales of {{ client }}",
        axis="by {{ client }}",
        series="{{ client }}'s",
        header="&L{{ client }}&C&P of &N&R{{ n }}",
    )
    path = filled(tmp_path / "a.xlsx", template)

    assert "".join(texts(xml(path, DRAWING), "t")) == "For Smith & <Sons>, 2026-11-02"
    assert texts(xml(path, CHART), "t") == ["12 sales of Smith & <Sons>", "by Smith & <Sons>"]
    assert "Smith & <Sons>'s" in texts(xml(path, CHART), "v")
    assert texts(xml(path, SHEET), "oddHeader") == ["&LSmith && <Sons>&C&P of &N&R12"]


def test_what_is_filled_only_there_counts_as_used_and_nothing_is_noted(tmp_path: Path) -> None:
    written = fill(tmp_path / "a.xlsx", source(box="{{ client }}"), {**ROWS, "client": "A", "n": 1})
    assert written.notes == ()


def test_formatted_pieces_stay_and_a_placeholder_may_be_split_over_several(tmp_path: Path) -> None:
    template = source(box="X")
    run = b'<a:r><a:rPr lang="en-US" b="1"/><a:t>%s</a:t></a:r>'
    drawing = parts(template)[DRAWING]
    start, end = drawing.index(b"<a:r>"), drawing.index(b"</a:r>") + len(b"</a:r>")
    split = b"".join(run % piece for piece in (b"For {{ cl", b"ient }", b"}, on {{ day }}", b"!"))
    path = filled(tmp_path / "a.xlsx", repacked(template, {DRAWING: drawing[:start] + split + drawing[end:]}))

    assert texts(xml(path, DRAWING), "t") == ["For Smith & <Sons>", None, ", on 2026-11-02", "!"]
    assert [run.get("b") for run in xml(path, DRAWING).iter("{*}rPr")] == ["1"] * 4


def test_lines_of_a_value_are_lines_of_the_box(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.xlsx", source(box="{{ lines }}!", font={"bold": True}))
    (paragraph,) = (one for one in xml(path, DRAWING).iter("{*}p") if one.find("{*}r") is not None)
    assert [child.tag.rpartition("}")[2] for child in paragraph][-3:] == ["r", "br", "r"]
    assert texts(paragraph, "t") == ["a", "b!"]
    assert [run.get("b") for run in paragraph.iter("{*}rPr")] == ["1"] * 3


def test_parts_without_placeholders_keep_their_bytes(tmp_path: Path) -> None:
    template = source(box="{{ client }}", title="Sales {{ of", header="&L{ n }")
    path = filled(tmp_path / "a.xlsx", template)
    plain = {name for name, data in parts(path).items() if parts(template).get(name) != data}

    assert DRAWING in plain
    assert "xl/styles.xml" not in plain
    assert b"Sales {{ of" in parts(path)[CHART]
    assert texts(xml(path, SHEET), "oddHeader") == ["&L{ n }"]


def test_a_workbook_of_which_nothing_else_is_filled_keeps_its_rows_as_they_are(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        ws.write_formula("A1", "=1+1", None, 2)
        ws.set_footer("&C{{ client }}")

    template = drawn(build)
    fill(tmp_path / "a.xlsx", template, {"client": "A"})
    before, after = (
        parts(one)[SHEET].partition(b"<sheetData>")[2] for one in (template, tmp_path / "a.xlsx")
    )
    assert after == before.replace(b"{{ client }}", b"A")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"box": "For {{ clint }}"},
            "text box 'For {{ clint }}': {{ clint }}: there is no 'clint'; did you mean",
        ),
        (
            {"box": "{{ item.x }}"},
            "text box '{{ item.x }}': {{ item.x }}: there is no 'item'. Records are known",
        ),
        ({"box": "{{ Rows }}"}, "{{ Rows }} stands for rows, and only a single value can stand here"),
        ({"title": "{{ who }}"}, "chart text '{{ who }}': {{ who }}: it is a dict"),
        ({"title": "{{ 1 + }}"}, "is no expression"),
        (
            {"header": "&L{{ bad }}"},
            "footer '&L{{ bad }}': {{ bad }}: the text has the control character",
        ),
        ({"header": "&L{{ long }}"}, "filled, it has 302 characters, and Excel takes 255"),
    ],
)
def test_a_placeholder_without_a_single_value_is_refused_in_one_line(
    given: dict[str, str], said: str, tmp_path: Path
) -> None:
    values = {**ROWS, **VALUES, "who": {"a": 1}, "bad": "a\x01", "long": "x" * 300}
    with pytest.raises(BadTemplate) as caught:
        fill(tmp_path / "a.xlsx", source(**given), values)
    assert "sheet 'S', " in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("&C{{ x }}", "R&D", "&CR&&D"),
        ("&12{{ x }}", "5 days", "&12 5 days"),
        ("&&12{{ x }}", "5", "&&125"),
        ("&12{{ x }}", "days", "&12days"),
        ("&P{{ x }}", "-1", "&P -1"),
        ("&P of {{ x }}", "+1", "&P of +1"),
        ('&"Arial,Bold"&K1F4E79{{ x }}', "7", '&"Arial,Bold"&K1F4E797'),
        ("{{ x }}{{ x }}", "1", "11"),
    ],
)
def test_a_value_in_a_header_never_becomes_a_code_or_a_part_of_one(
    header: str, value: str, expected: str
) -> None:
    assert filled_header(header, lambda _: value) == expected


def test_an_expression_in_a_header_is_written_with_its_sign_doubled() -> None:
    assert filled_header('&L{{ a["x && y"] }}', lambda expression: f"<{expression}>") == '&L< a["x && y"] >'


def test_a_shape_that_shows_a_cell_follows_it_and_remembers_no_placeholder(tmp_path: Path) -> None:
    template = source(box="{{ item.x }}", textlink="=$A$3")
    path = filled(tmp_path / "a.xlsx", template)
    assert [one.get("textlink") for one in xml(path, DRAWING).iter("{*}sp")] == ["$A$5"]
    assert texts(xml(path, DRAWING), "t") == [None]


def test_chart_sheets_are_filled_too(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        book.add_worksheet("S").write("A1", 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=S!$A$1:$A$1"})
        chart.set_title({"name": "{{ client }}"})
        sheet = book.add_chartsheet("C")
        sheet.set_chart(chart)
        sheet.set_footer("{{ n }}")

    fill(tmp_path / "a.xlsx", drawn(build), {"client": "A & B", "n": 3})
    assert texts(xml(tmp_path / "a.xlsx", CHART), "t") == ["A & B"]
    assert texts(xml(tmp_path / "a.xlsx", "xl/chartsheets/sheet1.xml"), "oddFooter") == ["3"]


def test_a_comment_with_a_placeholder_is_noted(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        ws.write("A1", "{{ n }}")
        ws.write_comment("A1", "{{ n }} is right")

    written = fill(tmp_path / "a.xlsx", drawn(build), {"n": 3})
    assert written.notes == ("sheet 'S': comments with placeholders, which are not filled there: 1",)


def test_libreoffice_shows_what_was_filled(tmp_path: Path) -> None:
    template = source(box="For {{ client }}", title="Sales of {{ client }}", header="&L{{ client }}")
    path = filled(tmp_path / "a.xlsx", template)
    (saved,) = opened_and_saved([path], tmp_path)
    text = saved.read_text()
    assert "For Smith &amp; &lt;Sons&gt;" in text
    assert ">Smith &amp; &lt;Sons&gt;<" in text
    assert "{{" not in text
