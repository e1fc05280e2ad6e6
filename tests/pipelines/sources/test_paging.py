"""Following pages, in each style that APIs have."""

import json
from typing import Any

import pytest

from pipelines.sources import BadContent, Cursor, FetchFailed, LinkHeader, NextField, Offset, PageNumber, Web
from pipelines.sources.errors import PagesRepeat, TooManyPages
from pipelines.sources.paging import Page, Paging
from tests.support.real_data import real_data
from tests.support.servers.web import Answer, Hasty, Site


def put(site: Site, path: str, value: Any, **headers: str) -> str:
    return site.put(path, json.dumps(value), "application/json", **headers)


@pytest.mark.real_data
@pytest.mark.parametrize("paging", [None, LinkHeader()])
def test_the_recorded_pages_of_github_are_followed_to_the_last(
    web: Web, site: Site, paging: Paging | None
) -> None:
    recorded = json.loads(real_data("json/github_issues_paginated.json").read_text())
    for page in recorded:
        link = page["headers"]["link"].replace("https://api.github.com", site.url)
        put(site, page["path"], page["response"], Link=link)

    pages = list(web.json_pages(site.url + recorded[0]["path"], paging=paging))

    assert len(pages) == 5
    assert [issue["number"] for page in pages for issue in page] == list(range(13, 0, -1))


@pytest.mark.real_data
def test_a_page_with_fewer_rows_than_promised_is_not_taken_for_the_last(web: Web, site: Site) -> None:
    page = json.loads(real_data("json/chicago_city_council_page.json").read_text())
    assert (len(page["data"]), page["meta"]["top"], page["meta"]["count"]) == (99, 100, 2809)
    put(site, "/c?skip=0", page)
    for skip in range(100, 2900, 100):
        put(site, f"/c?skip={skip}", {"data": [skip], "meta": page["meta"]})

    rows = web.json_rows(f"{site.url}/c?skip=0", rows="data", paging=Offset("skip", 100, total="meta.count"))

    assert len(rows) == 99 + 28
    assert len(site.asked) == page["meta"]["pages"]


def test_a_member_that_holds_the_next_address_is_followed(web: Web, site: Site) -> None:
    url = put(site, "/a?page=1", {"next": f"{site.url}/a?page=2", "rows": [1]})
    put(site, "/a?page=2", {"next": "/a?page=3", "rows": [2]})
    put(site, "/a?page=3", {"next": None, "rows": [3]})

    assert web.json_rows(url, rows="rows") == [1, 2, 3]


def test_a_member_deep_in_the_answer_is_followed(web: Web, site: Site) -> None:
    url = put(site, "/a", {"links": {"next": "?p=2"}, "rows": [1]})
    put(site, "/a?p=2", {"links": {}, "rows": [2]})

    assert web.json_rows(url, rows="rows", paging=NextField("links.next")) == [1, 2]


def test_a_cursor_is_carried_into_the_next_question(web: Web, site: Site) -> None:
    url = put(site, "/a?size=2", {"meta": {"after": "x y"}, "rows": [1]})
    put(site, "/a?size=2&after=x+y", {"meta": {"after": ""}, "rows": [2]})

    assert web.json_rows(url, rows="rows", paging=Cursor("after", "meta.after")) == [1, 2]


def test_numbered_pages_end_with_an_empty_one_not_with_a_short_one(web: Web, site: Site) -> None:
    for number, rows in enumerate(([1, 2], [3], [4, 5], []), start=1):
        put(site, f"/a?page={number}", {"rows": rows})

    found = web.json_rows(f"{site.url}/a", rows="rows", page=1, paging=PageNumber(rows="rows"))

    assert found == [1, 2, 3, 4, 5]


def test_numbered_pages_end_where_the_site_says_so(web: Web, site: Site) -> None:
    for number in (0, 1):
        put(site, f"/a?p={number}", {"rows": [number], "meta": {"pages": 2}})

    paging = PageNumber("p", first=0, pages="meta.pages")

    assert web.json_rows(f"{site.url}/a", rows="rows", p=0, paging=paging) == [0, 1]


def test_pages_in_a_circle_are_an_error(web: Web, site: Site) -> None:
    url = put(site, "/a", {"next": "/b", "rows": [1]})
    put(site, "/b", {"next": "/a", "rows": [2]})

    with pytest.raises(PagesRepeat, match=r"/a: page 3 was fetched before"):
        web.json_rows(url, rows="rows")

    assert len(site.asked) == 2


def test_a_site_that_takes_no_notice_of_the_page_number_is_found_out(web: Web, site: Site) -> None:
    for number in (1, 2):
        put(site, f"/a?page={number}", {"rows": [1]})

    with pytest.raises(PagesRepeat, match="page 2 is the same as the one before"):
        web.json_rows(f"{site.url}/a?page=1", rows="rows", paging=PageNumber(rows="rows"))


def test_more_pages_than_the_limit_are_an_error(site: Site, web: Web) -> None:
    for number in range(1, 6):
        put(site, f"/a?page={number}", [number])

    with Hasty(web._recorder) as hasty, pytest.raises(TooManyPages, match="more than 3 pages"):
        hasty.json_rows(f"{site.url}/a?page=1", paging=PageNumber())


def test_a_page_in_the_middle_that_fails_fails_the_whole(web: Web, site: Site) -> None:
    url = put(site, "/a", {"next": "/b", "rows": [1]})
    site.pages["/b"] = Answer(b"", status=500)

    with pytest.raises(FetchFailed, match="/b: answered 500"):
        web.json_rows(url, rows="rows")


def test_an_object_that_says_nothing_of_pages_is_not_taken_for_the_whole(web: Web, site: Site) -> None:
    url = put(site, "/a", {"page": 1, "of": 7, "rows": []})

    with pytest.raises(BadContent, match="neither a Link header nor a member 'next'"):
        list(web.json_pages(url))


def test_a_list_without_a_link_is_a_whole_answer(web: Web, site: Site) -> None:
    assert web.json_rows(put(site, "/a", [1, 2])) == [1, 2]


def test_rows_that_are_not_where_they_should_be_are_an_error_that_says_what_is_there(
    web: Web, site: Site
) -> None:
    url = put(site, "/a", {"success": False, "error": {"code": 105}, "next": None})

    with pytest.raises(
        BadContent, match=r"wanted a list at 'data', found nothing; it has 'success', 'error'"
    ):
        web.json_rows(url, rows="data")


def test_a_header_does_not_follow_a_link_to_another_site(web: Web, site: Site) -> None:
    other = Site()
    put(other, "/b", {"next": None})
    url = put(site, "/a", {"next": f"{other.url}/b"})

    list(web.json_pages(url, headers={"Authorization": "Bearer s3cret"}))
    other.close()

    assert "Authorization" in site.asked[0].headers
    assert "Authorization" not in other.asked[0].headers


@pytest.mark.parametrize(
    ("paging", "value", "said"),
    [
        (NextField(), {"next": 2}, "not an address"),
        (PageNumber(pages="pages"), {"pages": "7"}, "not a whole number"),
        (Offset("skip", 10, total="count"), {}, "is missing"),
        (PageNumber("p"), [1], "'x', not a number"),
    ],
)
def test_an_answer_that_does_not_fit_the_paging_is_an_error(paging: Paging, value: Any, said: str) -> None:
    with pytest.raises(BadContent, match=said):
        paging.following(Page("http://a/b?p=x", value, {}))
