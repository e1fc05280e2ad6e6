"""Settings, from PRESSTIME_* variables or the project's `.env` file; docs/settings.md describes each."""

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from presstime.errors import PresstimeError

PROJECT = Path(__file__).resolve().parent.parent
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
MOST_DAYS = 36_500  # a century; far more would be no date
REDIS = ("redis://", "rediss://", "redis+socket://")
RABBITMQ = ("amqp://", "amqps://")


class BadSettings(PresstimeError):
    """One or more PRESSTIME_* variables have a value that cannot be used."""

    def __init__(self, error: ValidationError) -> None:
        faults = [f"{_variable(e['loc'])}{e['msg']}" for e in error.errors()]
        super().__init__("settings: " + "; ".join(faults))


def _variable(location: tuple[int | str, ...]) -> str:
    return f"PRESSTIME_{str(location[0]).upper()}: " if location else ""


class DataFolderUnusable(PresstimeError):
    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"data folder {folder}: {error.strerror}. Make it writable, or set PRESSTIME_DATA_DIR to another."
        )


class Settings(BaseSettings):
    """Everything that can differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix="PRESSTIME_",
        env_file=PROJECT / ".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        default=PROJECT / "var",
        description="Folder of the embedded database, broker, artifacts, logs and token.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy URL: SQLite or `postgresql+psycopg://`. Empty: SQLite in the data folder.",
    )
    redis_url: str = Field(
        default="",
        description="Redis or Valkey (6.2 or newer) for RedBeat, and to count the parts of chords. "
        "Empty: an embedded Valkey on a unix socket.",
    )
    broker_url: str = Field(
        default="",
        description="Celery's broker: RabbitMQ (`amqp://user:password@host//`), or another Redis. "
        "Empty: the same server as `PRESSTIME_REDIS_URL`.",
    )
    artifacts_url: str = Field(
        default="",
        description="Artifact store: `file:///folder` or `s3://bucket/prefix` (with the AWS_* variables). "
        "Empty: `artifacts/` in the data folder.",
    )
    pipelines: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders with pipelines of your own, separated by `:`. "
        "The shipped ones and installed entry points come on top.",
    )
    api_host: str = Field(default="127.0.0.1", description="Address that the API and the page listen on.")
    api_port: int = Field(
        default=8642, ge=0, le=65535, description="Port of the API and the page; 0 takes a free one."
    )
    token: SecretStr | None = Field(
        default=None,
        description="Bearer token of the API. Empty: made at first start and kept in the data folder.",
    )
    demo_url: str = Field(
        default="",
        description="Site that the shipped pipeline scrapes. "
        "Empty: `presstime run` and `presstime up --demo` start one.",
    )
    demo_port: int = Field(
        default=8643, ge=0, le=65535, description="Port of that site; a free one when it is taken."
    )
    worker_concurrency: int = Field(
        default=0, ge=0, description="Pool processes of one worker. 0: one per core, at least 2."
    )
    worker_pool: Literal["prefork", "threads", "solo"] = Field(
        default="prefork",
        description="Celery's pool. Under `threads` and `solo` a time limit cannot end a step.",
    )
    worker_queues: str = Field(
        default="control,extract,transform,report",
        description="Queues that a worker serves, separated by commas.",
    )
    lease_seconds: float = Field(
        default=15, ge=1, description="A task not renewed for this long is taken to be lost, and tried again."
    )
    shutdown_seconds: float = Field(
        default=20,
        ge=0,
        description="What running tasks have to end when their worker is told to stop; then they are handed "
        "back, and begin anew elsewhere.",
    )
    cancel_seconds: float = Field(
        default=5,
        ge=0,
        description="What a cancelled step has to clean up; then it is killed, with whatever it started.",
    )
    keeper_seconds: float = Field(default=1, gt=0, description="Pause between two rounds of the keeper.")
    keep_frames_days: int = Field(
        default=14,
        ge=0,
        le=MOST_DAYS,
        description="Days that results between steps are kept after their run ended. 0: as long as the run.",
    )
    keep_events_days: int = Field(
        default=90,
        ge=0,
        le=MOST_DAYS,
        description="Days that events and logs are kept after their run ended. 0: as long as the run.",
    )
    keep_runs_days: int = Field(
        default=365,
        ge=0,
        le=MOST_DAYS,
        description="Days that a run is kept after it ended, with its tasks, snapshots and reports. "
        "0: for ever.",
    )
    keep_runs_count: int = Field(
        default=10, ge=0, description="The newest runs of each pipeline that are kept whatever their age."
    )
    prune_at: str = Field(
        default="03:30",
        description="When the keeper removes what is older, each day, in UTC. Empty: never.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe messages that are logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="`json`: one object a line, for log collectors."
    )

    @field_validator("pipelines", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part).expanduser().absolute() for part in value.split(os.pathsep) if part)
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("prune_at")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        if value and not TIME_OF_DAY.fullmatch(value):
            raise ValueError("a time in UTC as HH:MM is needed, such as 03:30, or nothing")
        return value

    @field_validator("token")
    @classmethod
    def _no_empty_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value and value.get_secret_value() else None

    @field_validator("redis_url")
    @classmethod
    def _only_redis(cls, value: str) -> str:
        if value and not value.startswith(REDIS):
            raise ValueError(
                f"begins with none of {', '.join(REDIS)}; another broker is PRESSTIME_BROKER_URL"
            )
        return value

    @field_validator("broker_url")
    @classmethod
    def _redis_or_rabbitmq(cls, value: str) -> str:
        if value and not value.startswith((*REDIS, *RABBITMQ)):
            raise ValueError(f"begins with none of {', '.join((*RABBITMQ, *REDIS))}")
        return value

    @model_validator(mode="after")
    def _broker_needs_redis(self) -> Self:
        if self.broker_url and not self.redis_url:
            raise ValueError(
                "PRESSTIME_BROKER_URL needs PRESSTIME_REDIS_URL too: RedBeat and chords keep their state in a "
                "Redis or Valkey, whatever carries the messages"
            )
        return self

    @property
    def embedded(self) -> bool:
        """True when Presstime brings its own Valkey."""
        return not self.redis_url

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'presstime.db'}"

    @property
    def effective_artifacts_url(self) -> str:
        return self.artifacts_url or (self.data_dir / "artifacts").as_uri()

    @property
    def concurrency(self) -> int:
        return self.worker_concurrency or max(2, os.cpu_count() or 2)


def load_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings(error) from error


def make_data_folder(folder: Path) -> None:
    """Raises DataFolderUnusable where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataFolderUnusable(folder, error) from error


def api_token(settings: Settings) -> str:
    """The token that opens the API: the setting, or one made once and kept with mode 0600."""
    if settings.token is not None:
        return settings.token.get_secret_value()
    path = settings.data_dir / "token"
    make_data_folder(settings.data_dir)
    if not path.exists():
        _create_once(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text().strip()


def _create_once(path: Path, text: str) -> None:
    """Whoever comes first wins, and nobody ever reads half a file."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp gives mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()
