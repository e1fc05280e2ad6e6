"""Who gets in, and by which name of the host."""

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from presstime.settings import Settings
from tests.support.servers.api import AUTHORIZED, TOKEN, calling

GUARDED = ["/api/v1/pipelines", "/api/v1/runs", "/api/v1/nothing-here"]


@pytest.mark.parametrize("path", GUARDED)
def test_without_a_token_nothing_below_api_answers(quiet: httpx.Client, path: str) -> None:
    answer = quiet.get(path, headers={"Authorization": ""})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="presstime"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:presstime:problem:unauthorized"


@pytest.mark.parametrize(
    "header",
    [f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", b"Bearer \xfcnicode", f"Bearer {TOKEN} {TOKEN}"],
)
def test_a_wrong_token_is_told_apart_from_none(quiet: httpx.Client, header: str | bytes) -> None:
    given = header if isinstance(header, bytes) else header.encode()
    answer = quiet.get("/api/v1/runs", headers={b"Authorization": given})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", [TOKEN, f"Basic {TOKEN}", "Bearer"])
def test_another_scheme_does_not_open_the_api(quiet: httpx.Client, header: str) -> None:
    assert quiet.get("/api/v1/runs", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_opens_the_api_however_the_scheme_is_written(quiet: httpx.Client, scheme: str) -> None:
    assert quiet.get("/api/v1/runs", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


def test_a_malformed_body_without_a_token_is_not_even_read(quiet: httpx.Client) -> None:
    answer = quiet.post("/api/v1/pipelines/daily-sales/runs", content=b"{", headers={"Authorization": ""})

    assert answer.status_code == 401


def test_a_token_made_at_first_start_opens_the_api(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"token": None}))
    token = (settings.data_dir / "token").read_text().strip()

    with calling(app) as client:
        assert client.get("/api/v1/runs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert client.get("/api/v1/runs", headers=AUTHORIZED).status_code == 401


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8642", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8642"]
)
def test_loopback_answers_to_its_own_names(quiet: httpx.Client, host: str) -> None:
    assert quiet.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8642", "", "a@localhost", "::1"],
)
def test_a_name_that_somebody_points_at_loopback_is_refused(quiet: httpx.Client, host: str) -> None:
    answer = quiet.get("/health/live", headers={"Host": host})

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:presstime:problem:host-refused"


def test_a_server_for_others_answers_to_any_name(settings: Settings) -> None:
    app: FastAPI = create_app(settings.model_copy(update={"api_host": "0.0.0.0"}))

    with calling(app) as client:
        assert client.get("/health/live", headers={"Host": "reports.example"}).status_code == 200


def test_the_setting_of_the_host_is_a_name_too(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"api_host": "127.0.0.7"}))

    with calling(app) as client:
        assert client.get("/health/live", headers={"Host": "127.0.0.7:8642"}).status_code == 200


def test_a_prefix_that_the_gate_does_not_know_opens_nothing(app: FastAPI) -> None:
    app.root_path = "/behind/a/proxy"

    with calling(app) as client:
        answer = client.get("/behind/a/proxy/api/v1/runs", headers={"Authorization": ""})

    assert answer.status_code == 401
