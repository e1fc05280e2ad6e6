"""An installation for each test, ended with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installations.installation import Install, Installation

# It holds tests: what they assert is to be shown as that of others.
pytest.register_assert_rewrite("tests.support.installations.on_any_broker")


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest file: begun last, it would run alone at the end."""
    items.sort(key=lambda item: item.path.name != "test_chaos.py")
