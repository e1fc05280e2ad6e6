"""A site to scrape, and the recorder and `Web` that a step would get."""

from collections.abc import Iterator

import pytest

from pipelines.sources import Web
from pipelines.sources.snapshots import Recorder
from presstime.artifacts import Artifacts
from tests.support.servers.web import NOW, Site


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_data: reads files that may not be on this machine")


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.close()


@pytest.fixture
def recorder(artifacts: Artifacts) -> Recorder:
    return Recorder(artifacts, lambda: NOW)


@pytest.fixture
def web(recorder: Recorder) -> Iterator[Web]:
    with Web(recorder) as opened:
        yield opened
