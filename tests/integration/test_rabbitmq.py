"""RabbitMQ as the broker: the same runs as on Redis, and what happens when it dies, hangs or gives up waiting.

All in one file, so that one server is enough.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from amqp import Message
from amqp.exceptions import PreconditionFailed
from celery import Celery
from sqlalchemy import select

from presstime.models import OutboxMessage, Task
from scheduler import rabbitmq as ours
from scheduler.broker import BROKER_AWAY, BrokerUnavailable, ping_broker, waiting_messages
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.queues import ALL
from scheduler.valkey import results_url, socket_path
from tests.support.installations.installation import Installation
from tests.support.installations.on_any_broker import (
    MONTH,
    test_a_run_goes_from_extract_to_workbook_on_several_processes,
    test_a_step_that_raises_fails_the_run_with_one_line_and_no_report,
    test_sys_exit_in_a_step_is_a_failure_like_any_other,
    test_the_same_run_twice_gives_the_same_bytes_and_a_second_version,
)
from tests.support.servers.rabbitmq import RabbitServer

__all__ = [  # what is true of any broker runs here too, with this module's `with_worker`
    "test_a_run_goes_from_extract_to_workbook_on_several_processes",
    "test_a_step_that_raises_fails_the_run_with_one_line_and_no_report",
    "test_sys_exit_in_a_step_is_a_failure_like_any_other",
    "test_the_same_run_twice_gives_the_same_bytes_and_a_second_version",
]

GATED = '''
"""Each step writes what it does, and the items wait until they may go on."""

import time
from pathlib import Path
from pipelines import Pipeline

FOLDER = Path("ELSEWHERE")
gated = Pipeline("gated")


def note(line: str) -> None:
    with (FOLDER / "ledger").open("a") as ledger:
        ledger.write(line + "\\n")


@gated.extract(over=["a", "b"])
def item(name: str) -> str:
    note(f"{name} begins")
    while not (FOLDER / "gate").exists():
        time.sleep(0.01)
    note(name)
    return name


@gated.transform
def together(item: list[str]) -> str:
    note("together")
    return "".join(item)
'''

SMALL = """
from pipelines import Pipeline

small = Pipeline("small")


@small.extract
def one() -> int:
    return 1
"""
GIVES_UP = "delivery acknowledgement on channel 1 timed out"


@pytest.fixture(scope="module")
def with_worker(rabbitmq: RabbitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("rabbitmq")
    extra = {
        "PRESSTIME_BROKER_URL": rabbitmq.url,
        "PRESSTIME_REDIS_URL": results_url(socket_path(folder / "data")),
        "PRESSTIME_SHUTDOWN_SECONDS": "0.5",
        "PRESSTIME_WORKER_CONCURRENCY": "3",  # one for each item of GATED, and one that is free
    }
    with Installation(folder, extra=extra) as made:
        made.write_pipeline("month", MONTH)
        made.write_pipeline("small", SMALL)
        made.make_tables()
        made.start_valkey()
        made.start("worker")
        yield made


@pytest.fixture(scope="module")
def keeper(with_worker: Installation) -> None:
    with_worker.start("keeper")


@pytest.fixture
def app(with_worker: Installation) -> Iterator[Celery]:
    made = create_app(lambda: with_worker.settings)
    made.conf.broker_connection_timeout = 1  # seconds; a test need not wait for four
    yield made
    made.close()


@pytest.fixture
def publisher(app: Celery, with_worker: Installation) -> Publisher:
    return Publisher(app, with_worker.runtime)


class Scene:
    """An installation, and one run of GATED whose two items wait for `open_gate`."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self._runtime = installation.runtime
        self._folder = folder
        installation.write_pipeline("gated", GATED.replace("ELSEWHERE", str(folder)))
        self._run_id = self.start("gated")
        self.items_began(1)

    def start(self, name: str, publisher: Publisher | None = None) -> UUID:
        return self.installation.submit(name, publisher=publisher)

    def state(self, run_id: UUID | None = None) -> str:
        """How a run ended, that of GATED by default."""
        return self.installation.finished(run_id or self._run_id).state

    def items_began(self, times: int) -> None:
        begins = [f"{item} begins" for item in "ab"]
        self.installation.wait(
            "both items", lambda: [self.lines().count(line) for line in begins] == [times] * 2
        )

    def open_gate(self) -> None:
        (self._folder / "gate").touch()

    def lines(self) -> list[str]:
        ledger = self._folder / "ledger"
        return ledger.read_text().splitlines() if ledger.exists() else []

    def attempts(self) -> dict[str, int]:
        with self._runtime.sessions() as session:
            tasks = session.scalars(select(Task).where(Task.run_id == self._run_id))
            return {task.item or task.step: task.attempt for task in tasks}

    def waits_in_outbox(self, run_id: UUID) -> bool:
        with self._runtime.sessions() as session:
            return bool(session.scalars(select(OutboxMessage).where(OutboxMessage.run_id == run_id)).all())


@pytest.fixture
def scene(with_worker: Installation, tmp_path: Path) -> Scene:
    return Scene(with_worker, tmp_path)


def test_every_queue_is_a_quorum_queue(scene: Scene, rabbitmq: RabbitServer) -> None:
    scene.open_gate()
    assert scene.state() == "succeeded", "whose worker has declared them all"

    with rabbitmq.connect() as connection:
        for name in ALL:
            with pytest.raises(PreconditionFailed, match="x-queue-type"):
                connection.channel().queue_declare(name, durable=True, auto_delete=False)


def test_a_queue_that_nobody_made_holds_nothing(app: Celery, rabbitmq: RabbitServer) -> None:
    with rabbitmq.connect() as connection:
        channel = connection.channel()
        channel.queue_declare("made-by-hand", auto_delete=False)
        channel.basic_publish_confirm(Message("one"), routing_key="made-by-hand")

        assert waiting_messages(app, "nobody-made-this") == 0
        assert waiting_messages(app, "made-by-hand") == 1, "the connection is still of use"
        channel.queue_delete("made-by-hand")


def test_a_redis_that_is_away_makes_the_broker_unready(with_worker: Installation, tmp_path: Path) -> None:
    nowhere = with_worker.settings.model_copy(update={"redis_url": results_url(tmp_path / "nowhere.sock")})
    ping_broker(create_app(lambda: with_worker.settings), 5)

    with pytest.raises(BrokerUnavailable, match="PRESSTIME_REDIS_URL"):
        ping_broker(create_app(lambda: nowhere), 5)


def test_a_worker_that_is_told_to_stop_hands_its_tasks_to_the_next(app: Celery, scene: Scene) -> None:
    assert scene.installation.stop("worker") == 0

    scene.installation.wait("the messages", lambda: waiting_messages(app, "extract.express") >= 2)
    scene.installation.start("worker")
    scene.items_began(2)
    scene.open_gate()
    assert scene.state() == "succeeded"
    assert scene.attempts() == {'"a"': 2, '"b"': 2, "together": 1}
    assert scene.lines()[4:] in (["a", "b", "together"], ["b", "a", "together"])


def test_a_step_that_takes_longer_than_the_broker_waits_for_it_runs_once(scene: Scene) -> None:
    worker = scene.installation
    before = worker.log("worker").count(GIVES_UP)

    worker.wait("the broker's patience", lambda: worker.log("worker").count(GIVES_UP) > before)
    scene.open_gate()

    assert scene.state() == "succeeded"
    assert set(scene.attempts().values()) == {1}
    assert sorted(scene.lines()) == ["a", "a begins", "b", "b begins", "together"]


def test_a_broker_that_dies_costs_neither_a_run_nor_what_is_asked_for_meanwhile(
    app: Celery, scene: Scene, rabbitmq: RabbitServer, keeper: None
) -> None:
    assert waiting_messages(app, "control") == 0, "over a connection that breaks"
    rabbitmq.kill()
    meanwhile = scene.start("small")
    with pytest.raises(BROKER_AWAY):
        waiting_messages(app, "control")
    with pytest.raises(BrokerUnavailable):
        ping_broker(app, 5)
    assert scene.waits_in_outbox(meanwhile)
    rabbitmq.start()

    assert scene.state(meanwhile) == "succeeded"
    scene.open_gate()
    assert scene.state() == "succeeded"
    assert set(scene.attempts().values()) == {1}
    assert sorted(scene.lines()) == ["a", "a begins", "b", "b begins", "together"]
    assert waiting_messages(app, "control") == 0
    assert "Traceback" not in scene.installation.log("keeper")


def test_a_broker_that_hangs_holds_a_publisher_up_for_a_while_only(
    scene: Scene, rabbitmq: RabbitServer, publisher: Publisher, keeper: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "CONFIRM_SECONDS", 0.5)
    scene.open_gate()
    assert scene.state(scene.start("small", publisher)) == "succeeded", "over a connection that stays open"

    rabbitmq.freeze()
    try:
        run_id = scene.start("small", publisher)  # it would wait for ever
        assert scene.waits_in_outbox(run_id)
    finally:
        rabbitmq.thaw()

    assert scene.state(run_id) == "succeeded"
