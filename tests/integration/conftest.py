"""An installation for each test, ended with it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.installations.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    made: list[Installation] = []

    def make(*, interpreters: bool = False, database_url: str = "", **settings: str) -> Installation:
        extra = {f"PRESSTIME_{name.upper()}": value for name, value in settings.items()}
        made.append(Installation(tmp_path / f"presstime-{len(made)}", database_url, extra, interpreters))
        return made[-1]

    yield make
    for installation in made:
        installation.stop_all()
