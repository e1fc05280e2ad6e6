"""Asks whether the broker answers, within a time that the caller sets."""

import uuid
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from presstime.errors import PresstimeError

MARK = "presstime:memory"  # a key that vanishes when a Redis is emptied


class BrokerUnavailable(PresstimeError):
    """The broker refuses, or does not answer in time."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"broker: {reason}. Check PRESSTIME_BROKER_URL, or PRESSTIME_REDIS_URL.")


def ping_broker(app: Celery, seconds: float) -> None:
    """Connect and exchange a word, over a connection of its own. Raises BrokerUnavailable.

    `seconds` limits each wait for the network; kombu tries twice at least, so it may take twice as long.
    """
    options: dict[str, Any] = dict(app.conf.broker_transport_options)
    if not str(app.conf.broker_url).startswith("amqp"):
        options |= {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    try:
        with app.connection_for_write(transport_options=options, connect_timeout=seconds) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except (OperationalError, OSError) as error:
        raise BrokerUnavailable(error) from error


class BrokerMemory:
    """Notices that a Redis may have forgotten messages: it was emptied, or started again."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._known: tuple[str, str] | None = None

    def forgot(self) -> bool:
        """Whether it did since the last call. Raises what kombu raises while the broker is away.

        RabbitMQ keeps its messages, and is not asked.
        """
        if str(self._app.conf.broker_url).startswith("amqp"):
            return False
        with self._app.connection_or_acquire() as connection:
            client = connection.default_channel.client
            mark = uuid.uuid4().hex
            fresh = bool(client.set(MARK, mark, nx=True))
            found = (str(client.info("server")["run_id"]), mark if fresh else str(client.get(MARK)))
        forgot = fresh if self._known is None else found != self._known
        self._known = found
        return forgot


def waiting_messages(app: Celery, queue: str) -> int:
    """How many messages of a queue no worker has got yet."""
    with app.connection_or_acquire() as connection, connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except connection.channel_errors:  # an empty queue of Redis is none
            return 0
