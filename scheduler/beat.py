"""Rings what is due. Many alarms are loaded, sent and moved on together; any number of beats may do it at once."""

import json
import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Celery
from redbeat.schedulers import RedBeatScheduler, get_redis

from presstime.clock import utc_now
from presstime.errors import PresstimeError
from scheduler.heartbeats import Pulse
from scheduler.queues import CONTROL
from scheduler.redbeat import OVER, Decoder, Entry, meta_of
from scheduler.runtime import runtime_of
from scheduler.tasks import TOGETHER

log = logging.getLogger("presstime.beat")

MOST = 1_000  # alarms of one tick; the next one follows at once
# Not if the entry was changed or removed since it was loaded: then what was written last stands.
MOVE = """
for i = 2, #KEYS do
  local at = (i - 2) * 3
  if redis.call('HGET', KEYS[i], 'version') == ARGV[at + 1] then
    redis.call('HSET', KEYS[i], 'meta', ARGV[at + 2])
    redis.call('ZADD', KEYS[1], 'XX', ARGV[at + 3], KEYS[i])
  end
end
"""


@dataclass(frozen=True)
class Due:
    """An alarm that rings now; `score` says when it does again, in seconds since 1970."""

    key: str
    schedule_id: str
    version: int
    score: float


class Scheduler(RedBeatScheduler):  # type: ignore[misc] # RedBeat has no types
    """RedBeat's own loads, sends and saves one entry after the other, in four round trips each."""

    Entry = Entry

    def __init__(self, app: Celery, **options: Any) -> None:
        super().__init__(app, **options)
        self._redis = get_redis(app)
        self._zset: str = app.redbeat_conf.schedule_key  # type: ignore[attr-defined] # set by RedBeat
        self._move = self._redis.register_script(MOVE)
        self._pulse = Pulse("beat", lambda: runtime_of(app).sessions)

    def tick(self, **_: Any) -> float:
        """Ring what is due; the seconds until something is again, at most `max_interval`."""
        self._pulse.look()
        now = utc_now()
        keys, pause = self._look(now.timestamp())
        due = self._load(keys, now)
        for first in range(0, len(due), TOGETHER):
            if not self._ring(due[first : first + TOGETHER], now):
                break
        # What rang just now may be due again before the rest: an alarm of each second would come later each time.
        again = min((alarm.score for alarm in due if alarm.score > OVER), default=math.inf)
        return min(pause, max(0.0, again - time.time()))

    def _look(self, now: float) -> tuple[list[str], float]:
        """The entries that are due, and the pause after them."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zrangebyscore(self._zset, 0, now, start=0, num=MOST)
            pipe.zrangebyscore(
                self._zset, f"({now}", now + self.max_interval, start=0, num=1, withscores=True
            )
            keys, following = pipe.execute()
        if len(keys) == MOST:
            return keys, 0.0
        return keys, max(0.0, following[0][1] - time.time()) if following else float(self.max_interval)

    def _load(self, keys: list[str], now: datetime) -> list[Due]:
        if not keys:
            return []
        with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hget(key, "definition")
            definitions = zip(keys, pipe.execute(), strict=True)
        # In the order of their names, so that two transactions that decide about them cannot wait for each other.
        return [due for key, text in sorted(definitions) if (due := self._read(key, text, now)) is not None]

    def _read(self, key: str, definition: str | None, now: datetime) -> Due | None:
        try:
            fields = json.loads(definition or "{}", cls=Decoder)
            following = fields["schedule"].following(now)
            score = following.timestamp() if following is not None else OVER
            return Due(key, fields["args"][0], fields["schedule"].version, score)
        except (PresstimeError, ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("alarm %s cannot be read, and is taken out: %s", key, error)
            self._redis.zrem(self._zset, key)  # which the keeper notices
            return None

    def _ring(self, due: list[Due], now: datetime) -> bool:
        """Send first: what is not moved on for any reason rings again, and that is harmless."""
        task = self.app.tasks["presstime.fire"]
        try:
            task.apply_async([alarm.schedule_id for alarm in due], queue=CONTROL)
        except Exception:
            log.exception("%s alarms could not be sent, and are tried again", len(due))
            return False
        meta = meta_of(now)
        self._move(
            keys=[self._zset, *(alarm.key for alarm in due)],
            args=[value for alarm in due for value in (alarm.version, meta, alarm.score)],
        )
        log.info("%s alarms rang", len(due))
        return True
