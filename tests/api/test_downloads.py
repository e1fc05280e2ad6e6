"""Downloads: whole, in parts, unchanged, and gone."""

import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import httpx
import pytest

from api.services import Services
from presstime.artifacts import file_key
from presstime.models import Report
from tests.support.runs.rows import make_report, make_runs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BODY = bytes(range(256)) * 20_000  # 5 MB: more than one chunk

Make = Callable[..., Report]


@pytest.fixture
def make(services: Services) -> Make:
    (run_id,) = make_runs(services, "daily-sales", 1)

    def one(body: bytes = BODY, filename: str = "Umsätze 2013-01.xlsx", media_type: str = XLSX) -> Report:
        return make_report(services, run_id, filename, body, media_type)

    return one


def path_of(report: Report) -> str:
    return f"/api/v1/reports/{report.id}/download"


def file_of(services: Services, report: Report) -> Path:
    return Path(unquote(urlsplit(services.runtime.artifacts.url).path)) / file_key(report.sha256)


def test_a_report_is_downloaded_as_it_was_stored(client: httpx.Client, make: Make) -> None:
    report = make()

    answer = client.get(path_of(report))

    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.headers["Content-Type"] == XLSX
    assert answer.headers["ETag"] == f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Umsatze 2013-01.xlsx\"; filename*=UTF-8''Ums%C3%A4tze%202013-01.xlsx"
    )


def test_a_text_is_not_given_an_encoding_that_nobody_checked(client: httpx.Client, make: Make) -> None:
    report = make(b"a;b\n", "rows.csv", "text/csv")

    assert client.get(path_of(report)).headers["Content-Type"] == "text/csv"


def test_an_empty_report_is_a_file_too(client: httpx.Client, make: Make) -> None:
    answer = client.get(path_of(make(b"")))

    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


def test_head_says_what_get_would_and_sends_nothing(client: httpx.Client, make: Make) -> None:
    path = path_of(make())

    head, get = client.head(path), client.get(path)

    assert (head.status_code, head.content) == (200, b"")
    assert {name: value for name, value in head.headers.items() if name != "date"} == {
        name: value for name, value in get.headers.items() if name != "date"
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_copy_that_is_current_is_not_sent_again(client: httpx.Client, make: Make, method: str) -> None:
    report = make()

    answer = client.request(method, path_of(report), headers={"If-None-Match": f'"{report.sha256}"'})
    other = client.request(method, path_of(report), headers={"If-None-Match": '"another"'})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == f'"{report.sha256}"'
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=-7", -7, None), ("bytes=1048570-3000000", 1048570, 3000001)],
)
def test_a_part_is_sent_as_a_part(
    client: httpx.Client, make: Make, asked: str, start: int, end: int | None
) -> None:
    answer = client.get(path_of(make()), headers={"Range": asked})

    part = BODY[start:end]
    first = start % len(BODY)
    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["Content-Length"] == str(len(part))
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(BODY)}"


def test_a_broken_download_can_be_continued(client: httpx.Client, make: Make) -> None:
    report = make()
    headers = {"If-Range": f'"{report.sha256}"'}

    first = client.get(path_of(report), headers=headers | {"Range": "bytes=0-2999999"})
    rest = client.get(path_of(report), headers=headers | {"Range": "bytes=3000000-"})

    assert first.content + rest.content == BODY


@pytest.mark.parametrize("tag", ['"another"', "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_part_of_another_file_is_sent_whole(client: httpx.Client, make: Make, tag: str) -> None:
    answer = client.get(path_of(make()), headers={"Range": "bytes=5-", "If-Range": tag})

    assert (answer.status_code, len(answer.content)) == (200, len(BODY))


def test_a_part_behind_the_end_is_refused(client: httpx.Client, make: Make) -> None:
    answer = client.get(path_of(make()), headers={"Range": f"bytes={len(BODY)}-"})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(BODY)}"
    assert answer.json()["type"] == "urn:presstime:problem:range-not-satisfiable"


@pytest.mark.parametrize("asked", [None, "bytes=0-9"])
def test_a_file_that_was_removed_is_said_to_be_gone(
    client: httpx.Client, services: Services, make: Make, asked: str | None
) -> None:
    report = make()
    file_of(services, report).unlink()

    answer = client.get(path_of(report), headers={"Range": asked} if asked else {})

    assert answer.status_code == 410
    assert answer.json()["type"] == "urn:presstime:problem:artifact-missing"
    assert client.head(path_of(report)).status_code == 410


def test_an_unknown_report_is_not_found(quiet: httpx.Client) -> None:
    answer = quiet.get(f"/api/v1/reports/{uuid4()}/download")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:presstime:problem:unknown-report"


@pytest.mark.parametrize("asked", [None, "bytes=1-"])
def test_a_large_file_is_never_whole_in_memory(client: httpx.Client, make: Make, asked: str | None) -> None:
    size = 128 * 1024 * 1024
    report = make(bytes(size))
    tracemalloc.start()

    received = 0
    with client.stream("GET", path_of(report), headers={"Range": asked} if asked else {}) as answer:
        for chunk in answer.iter_raw():
            received += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert received == size - bool(asked)
    assert peak < size / 4


def test_a_report_says_how_it_was_made(client: httpx.Client, make: Make) -> None:
    report = make()

    told = client.get(f"/api/v1/reports/{report.id}").json()

    assert (told["filename"], told["sha256"]) == (report.filename, report.sha256)
    assert told["download"] == path_of(report)
    assert told["manifest"] == {"run": str(report.run_id), "seconds": 0.5}
    assert client.get(f"/api/v1/reports/{uuid4()}").status_code == 404


@pytest.mark.parametrize("asked", [None, "bytes=0-9"])
def test_a_store_that_does_not_answer_is_asked_again_later(
    client: httpx.Client, services: Services, make: Make, asked: str | None
) -> None:
    report = make()
    file = file_of(services, report)
    file.unlink()
    file.symlink_to(file.name)  # a file that no system can open, and that is not missing

    answer = client.get(path_of(report), headers={"Range": asked} if asked else {})

    assert answer.status_code == answer.json()["status"] == 503
    assert answer.json()["type"] == "urn:presstime:problem:artifacts-unavailable"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_report_can_neither_load_nor_be_framed_nor_run_anything(client: httpx.Client, make: Make) -> None:
    policy = client.get(path_of(make())).headers["Content-Security-Policy"]

    assert [part.strip() for part in policy.split(";")] == [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    ]
