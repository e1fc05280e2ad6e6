"""Asks whether the broker answers, within a time that the caller sets."""

from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from presstime.errors import PresstimeError


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
