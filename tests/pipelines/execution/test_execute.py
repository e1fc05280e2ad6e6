"""What becomes of an exception: tried again where that can help, and one line for people."""

from datetime import timedelta

import pytest

from pipelines import Pipeline, Run
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


@pytest.mark.parametrize(("error", "tries"), [(ConnectionResetError, 3), (ValueError, 1)])
def test_only_the_exceptions_that_are_listed_are_tried_again(error: type[Exception], tries: int) -> None:
    p = Pipeline("fetching")
    asked: list[int] = []

    @p.extract(retries=2, retry_on=[ConnectionError], backoff=timedelta(0))
    def page(run: Run) -> int:
        asked.append(run.attempt)
        raise error("no")

    with run_in_process(p, check=False) as run:
        assert run.state == "failed"
    assert asked == list(range(1, tries + 1))
