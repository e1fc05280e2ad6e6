"""What becomes of an exception: tried again where that can help, and one line for people."""

import pytest

from pipelines import Pipeline
from pipelines.sources import FetchFailed
from pipelines.testing import run_in_process


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (503, 2), (429, 2), (None, 2)])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int | None, tries: int) -> None:
    p = Pipeline("fetching")
    asked: list[int] = []

    @p.extract(retries=1)
    def page() -> int:
        asked.append(1)
        raise FetchFailed("http://site/page", "answered badly", status=status)

    with run_in_process(p, check=False) as run:
        assert (run.state, run.error) == ("failed", "page: http://site/page: answered badly")
    assert len(asked) == tries
