"""The Celery application: its settings, each with the failure that it prevents."""

from collections.abc import Callable
from typing import Any

from celery import Celery
from kombu import Queue

from presstime.settings import Settings, load_settings
from scheduler import tasks
from scheduler.queues import ALL, CONTROL
from scheduler.rabbitmq import TRANSPORT, ConfirmingCelery, is_rabbitmq, quorum_queue
from scheduler.results import backend_url
from scheduler.runtime import bind_runtime
from scheduler.valkey import broker_url, redbeat_url, results_url, same_for_redbeat, socket_path

HARD_LIMIT = 3600  # seconds; a step may set its own, shorter or longer
SOFT_LIMIT_MARGIN = 60  # seconds a step has to clean up between the soft limit and the hard one


def celery_settings(settings: Settings) -> dict[str, Any]:
    broker, results, redbeat = _urls(settings)
    return {
        "broker_url": broker,
        "result_backend": backend_url(results),
        "timezone": "UTC",
        "enable_utc": True,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_queues": [quorum_queue(name) if is_rabbitmq(broker) else Queue(name) for name in ALL],
        "task_default_queue": CONTROL,
        "task_create_missing_queues": False,
        # A killed child's message comes back at once; claims in SQL keep it from running twice.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure": True,
        "task_acks_on_timeout": True,
        "worker_prefetch_multiplier": 1,
        "worker_deduplicate_successful_tasks": False,  # True makes chords hang
        # True would end a step because of the broker; its lease and its result stand in SQL and need none.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_max_tasks_per_child": 200,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "task_time_limit": HARD_LIMIT,
        "task_soft_time_limit": HARD_LIMIT - SOFT_LIMIT_MARGIN,
        "broker_transport_options": _transport(broker),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # RabbitMQ closes the channel of a worker whose step outlasts its consumer timeout; without this the
        # worker ends. What it delivers again meanwhile finds its task held.
        "broker_channel_error_retry": is_rabbitmq(broker),
        # A broker that is down may hold up a publisher for a second, never a request.
        "task_publish_retry_policy": {
            "max_retries": 1,
            "interval_start": 0.1,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        # The result store is asked too when a chord is published; by default that is tried for 19 s.
        "result_backend_transport_options": {
            "retry_policy": {
                "max_retries": 2,
                "interval_start": 0.1,
                "interval_step": 0.1,
                "interval_max": 0.2,
            }
        },
        "result_expires": 86_400,
        "result_chord_expires": 172_800,
        "redis_socket_timeout": 10,
        "redis_socket_connect_timeout": 3,
        "beat_max_loop_interval": 1,
        "beat_scheduler": "scheduler.beat:Scheduler",
        "redbeat_redis_url": redbeat,
        "redbeat_redis_options": {"socket_timeout": 10, "socket_connect_timeout": 3},
        # No lock: any number of beats may ring, because `fire` decides in SQL what an alarm means.
        "redbeat_lock_key": None,
    }


def create_app(load: Callable[[], Settings]) -> Celery:
    """An application that reads its settings when it is first used, not now."""
    application = ConfirmingCelery("presstime", set_as_current=False)
    application.add_defaults(lambda: celery_settings(load()))
    bind_runtime(application, load)
    tasks.register(application)
    return application


def _urls(settings: Settings) -> tuple[str, str, str]:
    """Broker, result backend and RedBeat's store."""
    if settings.embedded:
        socket = socket_path(settings.data_dir)
        return broker_url(socket), results_url(socket), redbeat_url(socket)
    redis = settings.redis_url
    return settings.broker_url or redis, redis, same_for_redbeat(redis)


def _transport(broker: str) -> dict[str, Any]:
    if is_rabbitmq(broker):
        return dict(TRANSPORT)
    return {
        "visibility_timeout": 2 * HARD_LIMIT,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        # A worker that is full listens to nothing, and learns by this that its broker has gone.
        "health_check_interval": 3,
    }


# What `celery -A scheduler.celery_app` (Flower, `celery inspect`) finds.
app = create_app(load_settings)
