"""Asks whether the broker answers, within a time that the caller sets."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from presstime.errors import PresstimeError
from scheduler.rabbitmq import is_rabbitmq

BROKER_AWAY = (OperationalError, RedisError, AMQPError, OSError)  # it refuses, hangs, or went away meanwhile
MARK = "presstime:memory"  # a key that vanishes when a Redis is emptied


class BrokerUnavailable(PresstimeError):
    """The broker refuses, or does not answer in time."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"broker: {reason}. Check PRESSTIME_BROKER_URL, or PRESSTIME_REDIS_URL.")


def ping_broker(app: Celery, seconds: float) -> None:
    """Connect and exchange a word, over a connection of its own. Raises BrokerUnavailable.

    `seconds` limits each wait for the network; kombu tries twice at least, so it may take twice as long. Beside
    RabbitMQ the Redis is asked too, for without it no chord can be sent.
    """
    options: dict[str, Any] = dict(app.conf.broker_transport_options)
    limits = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    rabbitmq = is_rabbitmq(app.conf.broker_url)
    try:
        with app.connection_for_write(
            transport_options=options if rabbitmq else options | limits, connect_timeout=seconds
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
        if rabbitmq:
            with Redis.from_url(app.conf.redbeat_redis_url, **limits) as redis:
                redis.ping()
    except BROKER_AWAY as error:
        raise BrokerUnavailable(error) from error


class BrokerMemory:
    """Notices that a Redis may have forgotten messages: it was emptied, or started again."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._known: tuple[str, str] | None = None

    def forgot(self) -> bool:
        """Return whether the broker lost messages since the last call. Raises what kombu raises while it is away.

        RabbitMQ has written a message to disk before it confirms it, and has no mark that would vanish with
        its messages. If somebody empties it, they are sent again one by one, after the pauses that grow.
        """
        if is_rabbitmq(self._app.conf.broker_url):
            return False
        with _connected(self._app) as connection:
            client = connection.default_channel.client
            mark = uuid.uuid4().hex
            fresh = bool(client.set(MARK, mark, nx=True))
            found = (str(client.info("server")["run_id"]), mark if fresh else str(client.get(MARK)))
        forgot = fresh if self._known is None else found != self._known
        self._known = found
        return forgot


def waiting_messages(app: Celery, queue: str) -> int:
    """Count the messages of a queue that no worker has got yet. Raises one of BROKER_AWAY."""
    with _connected(app) as connection:
        try:
            with connection.channel() as channel:
                return int(channel.queue_declare(queue, passive=True).message_count)
        except connection.channel_errors:  # an empty queue of Redis is none, and RabbitMQ's is not made yet
            return 0


@contextmanager
def _connected(app: Celery) -> Iterator[Any]:
    """Lend a connection of the pool that is open; its types know no transport's channels.

    It tries twice: by itself kombu would try for six seconds, in which a keeper puts nothing right.
    """
    with app.connection_or_acquire() as connection:
        # One that could not connect before stays closed in its pool until it is told to.
        connection.ensure_connection(max_retries=1, interval_start=0)
        yield connection
