"""CSV files in the encodings and shapes that the world has."""

import pandas as pd
import pytest

from pipelines.sources import BadContent, NoRows, Web
from tests.support.real_data import real_data
from tests.support.servers.web import Site


def put(site: Site, path: str, media_type: str = "text/csv") -> str:
    return site.put("/file", real_data(f"csv/{path}").read_bytes(), media_type)


@pytest.mark.real_data
def test_the_list_of_failed_banks_agrees_with_its_page(web: Web, site: Site) -> None:
    banks = web.csv(put(site, "fdic_banklist.csv"))

    assert (len(banks), banks["CERT"].sum(), str(banks["CERT"].dtype)) == (506, 16_166_151, "Int64")


@pytest.mark.real_data
def test_the_byte_order_mark_decides_the_encoding(web: Web, site: Site) -> None:
    trusts = web.csv(put(site, "nhs_mental_health_utf16le.csv", "text/csv; charset=utf-8"))

    assert trusts.columns[0] == "Organisation_code"
    assert len(trusts) > 100


@pytest.mark.real_data
@pytest.mark.parametrize("declared", [True, False])
def test_latin_bytes_need_a_declaration_or_the_authors_word(web: Web, site: Site, declared: bool) -> None:
    url = put(site, "mx_budget_latin1.csv", "text/csv; charset=iso-8859-1" if declared else "text/csv")

    if not declared:
        with pytest.raises(BadContent, match=r"\(0xf3\) is not utf-8, which is assumed.*pass encoding="):
            web.csv(url)
    budget = web.csv(url) if declared else web.csv(url, encoding="latin-1")

    assert "Descripci\xf3n" in budget.columns


@pytest.mark.real_data
def test_the_options_of_pandas_are_passed_on(web: Web, site: Site) -> None:
    rates = web.csv(put(site, "cnb_daily_rates.txt"), skiprows=1, sep="|", decimal=",")

    assert rates.set_index("k\xf3d")["kurz"][["AUD", "BRL"]].tolist() == [17.918, 6.525]


@pytest.mark.real_data
def test_a_large_file_keeps_its_rows(web: Web, site: Site) -> None:
    assert web.csv(put(site, "us_flights_200k.csv")).shape == (200_000, 3)


def test_only_an_empty_cell_is_missing(web: Web, site: Site) -> None:
    found = web.csv(site.put("/", "land,n\nNA,1\n,\n", "text/csv"))

    assert found["land"].tolist() == ["NA", pd.NA]
    assert (str(found["n"].dtype), found["n"].tolist()) == ("Int64", [1, pd.NA])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a,b\n1,2,3\n4,5,6\n", "more fields than its header"),
        ("a,b\n1,2\n1,2,3\n", "cannot be read as CSV: Expected 2 fields in line 3, saw 3"),
        ('a,b\n"1,2\n', "cannot be read as CSV"),
    ],
)
def test_a_file_of_another_shape_is_one_clear_error(web: Web, site: Site, body: str, said: str) -> None:
    with pytest.raises(BadContent, match=said) as caught:
        web.csv(site.put("/", body, "text/csv"))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("body", "kind"), [("a,b\n", "text/html"), ("<!DOCTYPE html><p>Log in", "text/csv")])
def test_a_page_in_place_of_a_file_is_an_error(web: Web, site: Site, body: str, kind: str) -> None:
    with pytest.raises(BadContent, match="is an HTML page"):
        web.csv(site.put("/", body, kind))


@pytest.mark.parametrize("body", ["", "a,b\n"])
def test_a_file_without_rows_is_an_error(web: Web, site: Site, body: str) -> None:
    with pytest.raises(NoRows, match="allow_empty=True"):
        web.csv(site.put("/", body, "text/csv"))


def test_a_file_without_rows_is_accepted_where_the_author_says_so(web: Web, site: Site) -> None:
    assert list(web.csv(site.put("/", "a,b\n", "text/csv"), allow_empty=True).columns) == ["a", "b"]


def test_an_encoding_that_nobody_knows_is_an_error(web: Web, site: Site) -> None:
    with pytest.raises(BadContent, match="'klingon' is unknown; pass encoding="):
        web.csv(site.put("/", "a\n1\n", "text/csv"), encoding="klingon")
