"""Sizes of bodies, headers for safety, and what a crash shows."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.responses import StreamingResponse
from starlette.types import Message

from api.guards import MAX_BODY, BodyGate, BodyTooLarge
from presstime.models import Run
from tests.support.servers.api import AUTHORIZED, calling, over_http

RUNS = "/api/v1/pipelines/daily-sales/runs"


def test_a_body_that_announces_too_much_is_refused(quiet: httpx.Client) -> None:
    answer = quiet.post(RUNS, content=b" " * (MAX_BODY + 1))

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Body too large"


def test_a_body_without_a_length_is_counted(app: FastAPI) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 16384

    with over_http(app) as url:
        answer = httpx.post(url + RUNS, content=chunks(), headers=AUTHORIZED)

    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_of_a_body_that_never_ends_no_more_is_taken_than_is_bearable() -> None:
    chunk = b" " * 16384
    taken: list[bytes] = []

    async def receive() -> Message:
        taken.append(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def nobody(*_: object) -> None:
        raise AssertionError("it came through")

    with pytest.raises(BodyTooLarge):
        asyncio.run(BodyGate(nobody)({"type": "http", "headers": []}, receive, nobody))

    assert MAX_BODY < sum(map(len, taken)) <= MAX_BODY + len(chunk)


def test_a_body_of_just_that_size_is_read(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    body = b"{}" + b" " * (MAX_BODY - 2)

    answer = client.post(RUNS, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 202
    with sessions() as session:
        assert session.query(Run).count() == 1


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/nothing", "/health/live", "/elsewhere"])
def test_answers_are_neither_sniffed_nor_stored(quiet: httpx.Client, path: str) -> None:
    headers = quiet.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_what_comes_from_the_api_is_never_executed(quiet: httpx.Client) -> None:
    assert "sandbox" in quiet.get("/api/v1/runs").headers["Content-Security-Policy"]


def test_a_crash_is_a_problem_without_internals(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("the combination of the safe is 1234")

    with calling(app) as client:
        answer = client.get("/crash")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["instance"] == "/crash"
    assert "1234" not in answer.text
    assert "the combination of the safe is 1234" in caplog.text


def test_a_crash_in_the_middle_of_a_file_cuts_the_connection(app: FastAPI) -> None:
    def half() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the disk is gone")

    @app.get("/half")
    def download() -> StreamingResponse:
        return StreamingResponse(half(), headers={"Content-Length": "8"})

    with over_http(app) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url + "/half")


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_body_without_a_length_may_be_as_long_as_one_with(
    client: httpx.Client, more: int, status: int
) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"{}"
        yield b" " * (MAX_BODY - 2)
        yield b" " * more

    answer = client.post(RUNS, content=chunks(), headers={"Content-Type": "application/json"})

    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == status
