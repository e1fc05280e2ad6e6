"""Settings: from the environment, checked, none of them secret by accident."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from presstime.settings import BadSettings, Settings, api_token, load_settings


def test_nothing_needs_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSTIME_DATA_DIR", str(tmp_path))

    settings = load_settings()

    assert settings.embedded
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/presstime.db"
    assert settings.effective_artifacts_url == f"file://{tmp_path}/artifacts"
    assert settings.api_host == "127.0.0.1"


def test_folders_are_separated_like_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSTIME_PIPELINES", "/one:~/two:")

    assert load_settings().pipelines == (Path("/one"), Path.home() / "two")


@pytest.mark.parametrize(
    ("name", "value"), [("API_PORT", "70000"), ("LEASE_SECONDS", "soon"), ("LOG_FORMAT", "xml")]
)
def test_a_value_that_cannot_be_used_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PRESSTIME_{name}", value)

    with pytest.raises(BadSettings, match=f"PRESSTIME_{name}"):
        load_settings()


def test_a_broker_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSTIME_BROKER_URL", "amqp://localhost")

    with pytest.raises(BadSettings, match="PRESSTIME_BROKER_URL needs PRESSTIME_REDIS_URL") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "url"), [("REDIS_URL", "amqp://guest:secret@here//"), ("BROKER_URL", "sqs://key:secret@")]
)
def test_a_server_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    monkeypatch.setenv("PRESSTIME_REDIS_URL", "redis://here")
    monkeypatch.setenv(f"PRESSTIME_{name}", url)

    with pytest.raises(BadSettings, match=f"PRESSTIME_{name}.*rediss://") as caught:
        load_settings()
    assert "secret" not in str(caught.value)


def test_the_token_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: api_token(settings), range(16)))

    assert len(tokens) == 1
    assert len(tokens.pop()) > 40
    assert stat.S_IMODE((tmp_path / "new" / "token").stat().st_mode) == 0o600


def test_a_token_that_is_set_is_taken_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRESSTIME_TOKEN", "a-secret-of-ours")
    monkeypatch.setenv("PRESSTIME_DATA_DIR", str(tmp_path))

    settings = load_settings()

    assert api_token(settings) == "a-secret-of-ours"
    assert "a-secret-of-ours" not in repr(settings)
    assert not (tmp_path / "token").exists()


@pytest.mark.parametrize(("port", "taken"), [("0", True), ("65535", True), ("65536", False), ("-1", False)])
def test_every_port_that_there_is_can_be_served_on_and_no_other(
    monkeypatch: pytest.MonkeyPatch, port: str, taken: bool
) -> None:
    monkeypatch.setenv("PRESSTIME_API_PORT", port)

    if taken:
        assert load_settings().api_port == int(port)
    else:
        with pytest.raises(BadSettings, match="PRESSTIME_API_PORT"):
            load_settings()
