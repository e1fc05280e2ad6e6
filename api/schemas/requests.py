"""The requests that clients send."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from pipelines.runs.listing import RunFilter
from presstime.models import RunState, Trigger

PAGE = 50  # runs of a page, when the client does not say
LONGEST_PAGE = 200


def digest_of(request: Mapping[str, JsonValue]) -> str:
    """Return the sha256 of a request, by which an idempotency key knows it again; however its JSON was written."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def storable(params: dict[str, JsonValue]) -> None:
    """Python's parser lets through NaN, infinity and half characters, which no database takes as JSON."""
    try:
        json.dumps(params, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text in it holds half of a surrogate pair") from None
    except ValueError:
        raise ValueError("a number in it is not finite, which JSON does not know") from None


class RunIn(BaseModel):
    """What a run is asked to do."""

    model_config = ConfigDict(extra="forbid", title="RunRequest")

    params: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="By the pipeline's `params_schema`. What is left out takes its default.",
        examples=[{"origin": "JFK"}],
    )
    interval: str | None = Field(
        default=None,
        max_length=100,
        description="The period to report on: `2013`, `2013-Q1`, `2013-01`, `2013-W05`, `2013-01-05`, "
        "`2013-01-05T06` or `start/end`, in the pipeline's zone. Left out: the last whole one.",
        examples=["2013-01"],
    )

    @model_validator(mode="after")
    def _can_be_stored(self) -> Self:
        storable(self.params)
        return self

    def sha256(self, pipeline: str) -> str:
        """Equal for equal requests, however their JSON was written."""
        return digest_of({"pipeline": pipeline, "params": self.params, "interval": self.interval})


class RunQuery(BaseModel):
    """Which runs to list. An unknown parameter is refused: a misspelt filter must not list everything."""

    model_config = ConfigDict(extra="forbid")

    pipeline: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[^\x00]*$",  # PostgreSQL takes no NUL
        description="Only runs of this pipeline.",
    )
    state: list[RunState] = Field(default_factory=list, description="Only in these states; may be repeated.")
    trigger: Trigger | None = Field(default=None, description="Only started by this.")
    since: AwareDatetime | None = Field(default=None, description="Made at this instant or later.")
    until: AwareDatetime | None = Field(default=None, description="Made before this instant.")
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")

    @property
    def filter(self) -> RunFilter:
        return RunFilter(self.pipeline, self.state, self.trigger, self.since, self.until)
