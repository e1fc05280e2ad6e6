"""The differences of RabbitMQ as the broker. Knows neither runs nor SQL."""

from typing import Any

from celery import Celery
from kombu import Exchange, Queue

from presstime.settings import RABBITMQ

CONFIRM_SECONDS = 5.0  # for a message to be confirmed; a broker that is out of memory or disk never answers
# A topic exchange: on a direct one Celery would publish past it, to the queue itself.
EXCHANGE = Exchange("presstime", type="topic", durable=True)
# Without a confirmation a message that the broker could not store is lost, and nobody is told.
TRANSPORT = {"confirm_publish": True}


def is_rabbitmq(broker_url: str) -> bool:
    return broker_url.startswith(RABBITMQ)


def quorum_queue(name: str) -> Queue:
    """Return a queue that is kept on disk, and on a majority of the brokers where there are several."""
    return Queue(name, EXCHANGE, routing_key=name, durable=True, queue_arguments={"x-queue-type": "quorum"})


class ConfirmingCelery(Celery):
    """Does not wait for ever for a confirmation. Other brokers know none, and take no notice of the time."""

    def send_task(self, *args: Any, **options: Any) -> Any:
        options.setdefault("confirm_timeout", CONFIRM_SECONDS)
        return super().send_task(*args, **options)
