"""About names each version of the code that had a hand in the figures."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node
from presstime.versions import own_version
from tests.support.runs.graphs import claimed, submitted, tasks_of


@pytest.mark.parametrize(
    ("made_by", "notes"),
    [
        ("0.0.9+abc", [f"Begun with Presstime 0.0.9, and finished with {own_version()}."]),
        (f"{own_version()}+abc", []),
        ("1", []),
    ],
)
def test_a_run_that_outlived_an_upgrade_says_so(
    sessions: sessionmaker[Session], made_by: str, notes: list[str]
) -> None:
    run_id = submitted(sessions, Node("sheet", "report"), code_version=made_by)

    attempt = claimed(sessions, tasks_of(sessions, run_id, "sheet")[0])

    assert attempt is not None
    assert attempt.about is not None
    assert list(attempt.about.notes) == notes
