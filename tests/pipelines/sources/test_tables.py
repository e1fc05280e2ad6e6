"""HTML tables as people publish them."""

import pandas as pd
import pytest

from pipelines.sources import BadContent, NoRows, TableNotFound, Web
from tests.support.real_data import real_data
from tests.support.servers.web import Site

TWO = """<table id="a"><caption>Big airlines</caption><tr><th>Code<th>Name<tr><td>UA<td>United</table>
<table id="b"><caption>Small ones</caption><tr><th>Code<tr><td>OO</table>"""


def put(site: Site, path: str, media_type: str = "text/html") -> str:
    return site.put("/page", real_data(f"html/{path}").read_bytes(), media_type)


@pytest.mark.real_data
def test_the_list_of_failed_banks_has_its_true_figures(web: Web, site: Site) -> None:
    banks = web.table(put(site, "fdic_banklist.html"))

    assert len(banks) == 506
    assert banks["CERT"].dtype == "Int64"
    assert banks["CERT"].sum() == 16_166_151
    assert banks["ST"].nunique() == 44
    assert banks["ST"].value_counts()[["GA", "FL", "IL"]].tolist() == [89, 71, 59]
    assert (banks["Acquiring Institution"] == "No Acquirer").sum() == 30
    closed = pd.to_datetime(banks["Closing Date"], format="%B %d, %Y")
    assert (closed.min(), closed.max()) == (pd.Timestamp(2000, 10, 13), pd.Timestamp(2013, 5, 31))


@pytest.mark.real_data
def test_a_page_with_a_table_for_layout_gives_the_one_with_data(web: Web, site: Site) -> None:
    meetings = web.table(put(site, "cta_transit_meetings.html"), match="Meeting name")

    assert meetings.shape == (23, 5)
    assert meetings["Date/time"].iloc[0] == "06/15/2018 2:00 PM"


@pytest.mark.real_data
def test_a_table_that_a_script_would_fill_is_an_error_not_an_empty_frame(web: Web, site: Site) -> None:
    with pytest.raises(NoRows, match="has no rows; a page that a script fills"):
        web.table(put(site, "js_calendar_no_table.html"))


@pytest.mark.real_data
def test_a_page_without_a_table_is_one_clear_error(web: Web, site: Site) -> None:
    url = put(site, "rta_past_iso8859.html")

    with pytest.raises(TableNotFound) as caught:
        web.table(url)

    assert str(caught.value) == f"{url}: no table is the only one with data. The page has none."


@pytest.mark.real_data
def test_latin_bytes_without_a_declaration_are_read_as_a_browser_does(web: Web, site: Site) -> None:
    words = web.table(put(site, "latin1_no_declaration.html"))

    assert words["1"].tolist() == ["G\xe9t", "m\xe4", "iech"]


@pytest.mark.real_data
def test_spans_fill_every_cell_that_they_reach(web: Web, site: Site) -> None:
    grid = web.table(put(site, "messy_rowcolspan.html"), header=0)

    assert grid.shape == (10, 5)
    assert grid.iloc[2].tolist() == ["25", "26", "27", "27", "29"]
    assert grid.iloc[3].tolist() == ["25", "36", "27", "27", "39"]
    assert grid.iloc[8].tolist() == ["85", "86", "77", "77", "89"]


@pytest.mark.real_data
def test_a_table_inside_another_keeps_its_rows_to_itself_in_the_order_of_reading(
    web: Web, site: Site
) -> None:
    inner = web.table(put(site, "messy_nested_unclosed.html"))

    assert inner["head"].tolist() == ["body", "foot"]


@pytest.mark.parametrize(
    "wanted", [{"id": "b"}, {"caption": "small"}, {"match": r"\bOO\b"}, {"number": 1}, {"number": -1}]
)
def test_a_table_is_found_by_each_of_its_marks(web: Web, site: Site, wanted: dict[str, object]) -> None:
    found = web.table(site.put("/", TWO), **wanted)  # type: ignore[arg-type] # one mark at a time

    assert found.to_dict("list") == {"Code": ["OO"]}


def test_a_table_that_is_not_there_is_an_error_naming_those_that_are(web: Web, site: Site) -> None:
    url = site.put("/", TWO)

    with pytest.raises(TableNotFound) as caught:
        web.table(url, id="c")

    assert str(caught.value) == (
        f"{url}: no table is id='c'. The page has table 0 id 'a' caption 'Big airlines' with 1 rows (Code, Name); "
        "table 1 id 'b' caption 'Small ones' with 1 rows (Code)."
    )


def test_two_tables_that_could_be_meant_are_an_error(web: Web, site: Site) -> None:
    with pytest.raises(TableNotFound, match="2 tables are the only one with data; say which"):
        web.table(site.put("/", TWO))


def test_no_digit_and_no_word_is_lost_to_a_type(web: Web, site: Site) -> None:
    page = """<table><tr><th>zip<th>land<th>big<th>comma<th>whole<th>broken<th>share
    <tr><td>00501<td>NA<td>12345678901234567890<td>1,234<td>7<td>1.50<td>n/a
    <tr><td>10001<td><td>1<td>2<td>-3<td>&minus;2.25<td>50%</table>"""

    found = web.table(site.put("/", page))

    assert found["zip"].tolist() == ["00501", "10001"]
    assert found["land"].tolist() == ["NA", pd.NA]
    assert found["big"].tolist() == ["12345678901234567890", "1"]
    assert found["comma"].tolist() == ["1,234", "2"]
    assert (str(found["whole"].dtype), found["whole"].tolist()) == ("Int64", [7, -3])
    assert (str(found["broken"].dtype), found["broken"].tolist()) == ("Float64", [1.5, -2.25])
    assert found["share"].tolist() == ["n/a", "50%"]


def test_numbers_are_read_as_the_author_says_the_page_writes_them(web: Web, site: Site) -> None:
    page = "<table><tr><th>rate<th>people<tr><td>17,918<td>1.234.567<tr><td>6,5<td>12</table>"

    found = web.table(site.put("/", page), decimal=",", thousands=".")

    assert found["rate"].tolist() == [17.918, 6.5]
    assert found["people"].tolist() == [1_234_567, 12]


def test_a_type_that_the_author_settles_does_not_hang_on_the_content(web: Web, site: Site) -> None:
    page = "<table><tr><th>code<th>n<th>on<tr><td>12<td><td>2013-01-05</table>"

    found = web.table(site.put("/", page), dtypes={"code": "string", "n": "Int64", "on": "datetime64[us]"})

    assert [str(kind) for kind in found.dtypes] == ["string", "Int64", "datetime64[us]"]
    assert found["code"].tolist() == ["12"]


@pytest.mark.parametrize(
    ("dtypes", "said"), [({"n": "Int64"}, "column 'n' is not Int64"), ({"m": "string"}, "no column 'm'")]
)
def test_a_settled_type_that_does_not_fit_is_an_error(
    web: Web, site: Site, dtypes: dict[str, str], said: str
) -> None:
    with pytest.raises(BadContent, match=said):
        web.table(site.put("/", "<table><tr><th>n<tr><td>x</table>"), dtypes=dtypes)


def test_headings_of_several_rows_are_joined_and_repeated_ones_numbered(web: Web, site: Site) -> None:
    page = """<table><thead><tr><th rowspan=2>Day<th colspan=2>Delay<th>Delay<th></thead>
    <tr><td>1<td>2<td>3<td>4<td>5</table>"""
    two = page.replace("</thead>", "<tr><th>out<th>in<th>out<th></thead>")

    found = web.table(site.put("/", two))

    assert list(found.columns) == ["Day", "Delay out", "Delay in", "Delay out (2)", "column 5"]


def test_text_is_what_a_reader_sees(web: Web, site: Site) -> None:
    page = (
        """<table><tr><th>a<tr><td>  two<br>lines&nbsp;<b>b</b>old <script>no()</script><!-- no --></table>"""
    )

    assert web.table(site.put("/", page))["a"].tolist() == ["two lines bold"]


def test_short_rows_are_filled_and_long_ones_kept(web: Web, site: Site) -> None:
    page = "<table><tr><th>a<th>b<tr><td>x<tr><td>1<td>2<td>3</table>"

    found = web.table(site.put("/", page))

    assert list(found.columns) == ["a", "b", "column 3"]
    assert found["column 3"].tolist() == [pd.NA, 3]


def test_an_enormous_span_takes_no_memory(web: Web, site: Site) -> None:
    page = "<table><tr><th>a<tr><td colspan=999999999 rowspan=999999999>x<tr><td>y</table>"

    assert web.table(site.put("/", page)).shape == (2, 1001)


def test_an_empty_table_is_accepted_where_the_author_says_so(web: Web, site: Site) -> None:
    url = site.put("/", "<table><tr><th>a</table>")

    with pytest.raises(NoRows, match="allow_empty=True"):
        web.table(url)
    assert web.table(url, allow_empty=True).to_dict("list") == {"a": []}


@pytest.mark.parametrize("body", ["", "   ", "just words", "\x00"])
def test_a_page_that_is_hardly_html_has_no_table(web: Web, site: Site, body: str) -> None:
    with pytest.raises(TableNotFound, match="The page has none"):
        web.table(site.put("/", body))


def test_bytes_that_do_not_fit_the_declared_encoding_are_told(
    web: Web, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    url = site.put("/", b"<table><tr><th>a<tr><td>G\xe9t</table>", "text/html; charset=utf-8")

    assert web.table(url)["a"].tolist() == ["G\ufffdt"]
    assert "1 characters do not fit" in caplog.text
