"""RabbitMQ as the broker: the same runs as on Redis, and what happens when it stops, dies or hangs.

All in one file, so that one server is enough.
"""

from collections.abc import Iterator

import pytest

from presstime.database import create_engine
from presstime.migrations import upgrade
from scheduler.valkey import results_url, socket_path
from tests.integration.installation import Installation
from tests.integration.test_worker import (
    MONTH,
    runtime,
    site,
    test_a_run_goes_from_extract_to_workbook_on_several_processes,
    test_a_site_that_cannot_be_read_fails_the_run_with_one_line_and_no_report,
    test_a_step_that_raises_fails_the_run_with_one_line_and_no_report,
    test_sys_exit_in_a_step_is_a_failure_like_any_other,
    test_the_same_run_twice_gives_the_same_bytes_and_a_second_version,
)
from tests.rabbitmq import RabbitServer


@pytest.fixture(scope="module")
def installation(rabbitmq: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rabbitmq")
    extra = {
        "PRESSTIME_BROKER_URL": rabbitmq.url,
        "PRESSTIME_REDIS_URL": results_url(socket_path(folder / "data")),
    }
    made = Installation(folder, extra=extra)
    made.write_pipeline("month", MONTH)
    engine = create_engine(made.settings.effective_database_url)
    upgrade(engine)
    engine.dispose()
    made.start_valkey()
    made.start("worker")
    yield made
    made.stop_all()
