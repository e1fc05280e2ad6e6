"""Fetching: what is kept, what is refused, what is hidden."""

import gzip
import logging
from http.server import BaseHTTPRequestHandler

import pytest

from pipelines.sources import BadContent, FetchFailed, Web
from pipelines.sources.snapshots import Recorder
from presstime.artifacts import Artifacts, file_key
from tests.support.servers.web import NOW, Answer, Hasty, Site


def test_an_answer_is_kept_as_a_snapshot(
    web: Web, site: Site, recorder: Recorder, artifacts: Artifacts
) -> None:
    url = site.put("/a.json", '{"a": 1}', "application/json; charset=utf-8")

    assert web.json(url) == {"a": 1}

    (kept,) = recorder.snapshots
    assert (kept.position, kept.url, kept.status, kept.fetched_at) == (0, url, 200, NOW)
    assert (kept.media_type, kept.encoding, kept.bytes) == ("application/json", "utf-8", 8)
    assert artifacts.read(file_key(kept.sha256)) == b'{"a": 1}'


def test_the_same_body_twice_is_two_snapshots_of_one_file(web: Web, site: Site, recorder: Recorder) -> None:
    first, second = site.put("/1", "[1]", "application/json"), site.put("/2", "[1]", "application/json")

    web.json(first)
    web.json(second)

    assert [kept.position for kept in recorder.snapshots] == [0, 1]
    assert len({kept.sha256 for kept in recorder.snapshots}) == 1


def test_a_bad_status_is_an_error_with_a_snapshot_and_a_line_of_its_body(
    web: Web, site: Site, recorder: Recorder
) -> None:
    body = b"<html><head><title>x</title></head><script>var a;</script><h1>Bad\ngateway</h1></html>"
    site.pages["/x"] = Answer(body, status=502)

    with pytest.raises(FetchFailed) as caught:
        web.json(f"{site.url}/x")

    assert (caught.value.status, caught.value.excerpt) == (502, "Bad gateway")
    assert str(caught.value) == f"{site.url}/x: answered 502 Bad Gateway: Bad gateway"
    assert [kept.status for kept in recorder.snapshots] == [502]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("Sat, 21 Nov 2026 08:31:30 GMT", 90.0), ("Sat, 21 Nov 2020 08:31:30 GMT", 0.0)],
)
def test_the_pause_that_a_site_asks_for_stays_on_the_error(
    web: Web, site: Site, said: str, seconds: float
) -> None:
    site.pages["/busy"] = Answer(b"later", "text/plain", 503, [("Retry-After", said)])

    with pytest.raises(FetchFailed) as caught:
        web.get(f"{site.url}/busy")

    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("said", ["soon", ""])
def test_a_pause_that_cannot_be_read_is_none(web: Web, site: Site, said: str) -> None:
    site.pages["/busy"] = Answer(b"later", "text/plain", 503, [("Retry-After", said)])

    with pytest.raises(FetchFailed) as caught:
        web.get(f"{site.url}/busy")

    assert caught.value.retry_after is None


def test_a_site_that_is_away_is_one_line_that_says_what_to_check(web: Web, recorder: Recorder) -> None:
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1:9 cannot be reached .* Check the address") as caught:
        web.json("http://127.0.0.1:9/x")

    assert "\n" not in str(caught.value)
    assert recorder.snapshots == []


def test_a_site_that_stays_silent_is_given_up(site: Site, recorder: Recorder) -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        site.closing.wait()

    site.pages["/silent"] = silent

    with Hasty(recorder) as web, pytest.raises(FetchFailed, match=r"silent for 0\.2 s"):
        web.get(f"{site.url}/silent")


def test_a_site_that_drips_is_given_up(site: Site, recorder: Recorder) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not site.closing.wait(0.01):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    site.pages["/drip"] = drip

    with Hasty(recorder) as web, pytest.raises(FetchFailed, match=r"took more than 0\.3 s"):
        web.get(f"{site.url}/drip")


def test_a_page_larger_than_the_limit_is_given_up_also_when_it_came_compressed(
    site: Site, recorder: Recorder
) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    site.put("/bomb", bomb, "text/plain", Content_Encoding="gzip")

    with Hasty(recorder) as web, pytest.raises(FetchFailed, match="larger than 1,000 bytes"):
        web.get(f"{site.url}/bomb")

    assert recorder.snapshots == []


def test_an_answer_that_breaks_off_is_an_error(web: Web, site: Site) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")

    site.pages["/half"] = half

    with pytest.raises(FetchFailed, match="broke off"):
        web.get(f"{site.url}/half")


def test_redirects_are_followed_and_the_address_asked_for_is_kept(
    web: Web, site: Site, recorder: Recorder
) -> None:
    site.pages["/old"] = Answer(b"", status=302, headers=[("Location", "/new")])
    site.put("/new", "[2]", "application/json")

    assert web.json(f"{site.url}/old") == [2]
    assert [kept.url for kept in recorder.snapshots] == [f"{site.url}/old"]


def test_redirects_without_end_are_given_up(site: Site, recorder: Recorder) -> None:
    site.pages["/loop"] = Answer(b"", status=302, headers=[("Location", "/loop")])

    with Hasty(recorder) as web, pytest.raises(FetchFailed, match="more than 2 times"):
        web.get(f"{site.url}/loop")


def test_a_redirect_out_of_the_web_is_refused(web: Web, site: Site) -> None:
    site.pages["/out"] = Answer(b"", status=302, headers=[("Location", "file:///etc/passwd")])

    with pytest.raises(FetchFailed, match="not http"):
        web.get(f"{site.url}/out")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "flights", "http://", "http://a:b/c"])
def test_only_addresses_of_the_web_are_fetched(web: Web, url: str) -> None:
    with pytest.raises(FetchFailed, match="address"):
        web.get(url)


def test_a_header_goes_to_the_site_asked_and_not_where_it_redirects(web: Web, site: Site) -> None:
    other = Site()
    other.put("/there", "[]", "application/json")
    site.pages["/here"] = Answer(b"", status=302, headers=[("Location", f"{other.url}/there")])

    web.json(f"{site.url}/here", headers={"X-Api-Key": "s3cret"})
    other.close()

    assert site.asked[0].headers["X-Api-Key"] == "s3cret"
    assert "X-Api-Key" not in other.asked[0].headers


def test_parameters_are_added_to_the_address_in_plain_forms(web: Web, site: Site) -> None:
    site.put("/q?fixed=1&day=2026-11-21&on=true&tag=a&tag=b", "[]", "application/json")

    web.json(f"{site.url}/q?fixed=1", day=NOW.date(), on=True, tag=["a", "b"], nothing=None)

    assert [asked.path for asked in site.asked] == ["/q?fixed=1&day=2026-11-21&on=true&tag=a&tag=b"]


def test_the_site_is_told_who_asks(web: Web, site: Site) -> None:
    web.get(site.put("/", "x"))

    assert site.asked[0].headers["User-Agent"].startswith("Presstime/")


def test_secrets_reach_neither_snapshot_nor_error_nor_log(
    web: Web, site: Site, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages["/x?api_key=s3cret&day=1"] = Answer(b"bad key s3cret, token t0ken", "text/plain", 403)
    address = site.url.replace("http://", "http://ann:pa55word@")

    with caplog.at_level(logging.INFO), pytest.raises(FetchFailed) as caught:
        web.get(f"{address}/x?api_key=s3cret&day=1", headers={"X-Token": "t0ken"})

    shown = f"{site.url.replace('http://', 'http://***@')}/x?api_key=***&day=1"
    assert recorder.snapshots[0].url == shown
    assert str(caught.value) == f"{shown}: answered 403 Forbidden: bad key ***, token ***"
    for secret in ("s3cret", "pa55word", "t0ken"):
        assert secret not in caplog.text + str(caught.value) + repr(recorder.snapshots)


def test_each_fetch_is_one_line_in_the_log(web: Web, site: Site, caplog: pytest.LogCaptureFixture) -> None:
    url = site.put("/", "x" * 1234)

    with caplog.at_level(logging.INFO, "presstime.web"):
        web.get(url)

    lines = [record.getMessage() for record in caplog.records if record.name == "presstime.web"]
    assert lines == [f"GET {url} 200, 1,234 bytes"]


def test_an_answer_that_is_not_json_is_an_error_that_shows_its_beginning(web: Web, site: Site) -> None:
    url = site.put("/", "<html><h1>Please log in</h1></html>")

    with pytest.raises(BadContent, match=r"is not JSON but text/html .*: Please log in"):
        web.json(url)


def test_json_in_another_encoding_is_read_by_what_is_declared(web: Web, site: Site) -> None:
    url = site.put("/", '["G\xe9t"]'.encode("latin-1"), "application/json; charset=iso-8859-1")

    assert web.json(url) == ["G\xe9t"]
