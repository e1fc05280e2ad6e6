"""A past to prune: of both databases and a folder, or of both stores too."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from presstime.artifacts import Artifacts
from tests.support.runs.past import Past


@pytest.fixture
def past(sessions: sessionmaker[Session], artifacts: Artifacts) -> Past:
    return Past(sessions, artifacts)


@pytest.fixture
def past_anywhere(sessions: sessionmaker[Session], store: Artifacts) -> Past:
    return Past(sessions, store)
