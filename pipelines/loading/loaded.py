"""A pipeline that loaded without a fault, with all that running it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pipelines.annotations import Form, ResultType
from pipelines.graph import Graph
from pipelines.params import Params, build_params
from pipelines.pipeline import Pipeline
from pipelines.step import Kind, Step
from reports.file_formats import Format


@dataclass(frozen=True)
class Parameter:
    """The origin of one argument of a step.

    `item`: the item, by its step's `item` type. `provider`: `source` is its kind ("run", "interval",
    "params", "web"...) and `provider` its class. `step`: `source` names the step, `form` says how to take it;
    `previous`: the same, of what the step gave the last time.
    """

    name: str
    role: Literal["item", "provider", "step", "previous"]
    annotation: object
    source: str | None = None
    provider: type | None = None
    form: Form | None = None


@dataclass(frozen=True)
class LoadedStep:
    """A step with its parameters bound. `item` is the declared type of its items, for reading their JSON."""

    name: str
    kind: Kind
    function: Callable[..., object]
    parameters: tuple[Parameter, ...]
    result: ResultType
    declared: Step
    item: object = None

    @property
    def filename(self) -> str | None:
        return self.declared.filename

    @property
    def formats(self) -> Sequence[Format]:
        """The formats in which a report is handed out."""
        return tuple(self.declared.formats)

    @property
    def retry_on(self) -> tuple[type[Exception], ...] | None:
        """The exceptions that are tried again; None: all."""
        listed = self.declared.retry_on
        return tuple(listed) if listed is not None else None

    def call(self, arguments: Mapping[str, object]) -> object:
        """Run the function; the item goes by position, all else by name."""
        items = [arguments[p.name] for p in self.parameters if p.role == "item"]
        rest = {p.name: arguments[p.name] for p in self.parameters if p.role != "item"}
        return self.function(*items, **rest)


@dataclass(frozen=True)
class LoadedPipeline:
    """`source` is the module or the file as people know it; `file` the path."""

    pipeline: Pipeline
    graph: Graph
    steps: Mapping[str, LoadedStep]
    file: str
    source: str
    file_sha256: str
    code_version: str

    @property
    def name(self) -> str:
        return self.pipeline.name

    def is_code_of(self, code_version: str) -> bool:
        """Return whether a run of that code version may go on with this code.

        The files decide, not Presstime's own version before the `+`: else an upgrade would strand every run that is
        under way.
        """
        return self.code_version.rpartition("+")[2] == code_version.rpartition("+")[2]

    @property
    def title(self) -> str:
        """The author's title, or the name with spaces."""
        return self.pipeline.title or self.name.replace("-", " ").capitalize()

    @property
    def description(self) -> str:
        return self.pipeline.description

    @property
    def params_model(self) -> type[Params]:
        return self.pipeline.params or Params

    @cached_property
    def params_schema(self) -> dict[str, Any]:
        """JSON schema of the parameters, for the trigger form."""
        return self.params_model.model_json_schema()

    def params_from(self, given: Mapping[str, object]) -> Params:
        """Validated parameters; texts may stand for themselves or for JSON. Raises ParamsRefused."""
        return build_params(self.name, self.params_model, given)
