"""Checks a declared pipeline as a whole and makes it ready to run. Reports every fault at once."""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.annotations import classify, spelled
from pipelines.graph import Cycle, Graph, Node, in_order
from pipelines.loading.assignable import assignable
from pipelines.loading.binding import Known, Unbound, bind
from pipelines.loading.dependencies import needs_of
from pipelines.loading.errors import Fault, PipelineRefused
from pipelines.loading.loaded import LoadedPipeline, LoadedStep, Parameter
from pipelines.loading.mapping import item_type, literal_items
from pipelines.loading.options import option_faults, pipeline_faults, result_faults
from pipelines.loading.signature import Signature, read_signature
from pipelines.markers import TimeLimit
from pipelines.pipeline import Pipeline
from pipelines.resource import Resource
from pipelines.step import Step
from presstime.versions import own_version

SHORT_SHA = 12  # characters of the file's sha256 in a code version


def load_pipeline(
    pipeline: Pipeline,
    *,
    file: Path | None = None,
    source: str | None = None,
    helpers: Sequence[Path] = (),
) -> LoadedPipeline:
    """The pipeline, ready to run; raises PipelineRefused with every fault.

    `file` is the one that counts as its code, together with `helpers`, which it imports from its folder;
    `source` is its name for people. By default it is where the pipeline was made.
    """
    path = str(file or pipeline.file)
    return _Loading(pipeline).load(path, source or path, helpers)


class _Loading:
    """One pass over one pipeline: what is known so far, and the faults."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.faults: list[Fault] = []
        self.steps: dict[str, Step] = {}
        self.signatures: dict[str, Signature] = {}
        self.items: dict[str, object] = {}
        self.literals: dict[str, tuple[str, ...]] = {}
        self.names: dict[Callable[..., object], tuple[str, ...]] = {}

    def load(self, file: str, source: str, helpers: Sequence[Path]) -> LoadedPipeline:
        self._collect()
        known = Known(self.pipeline, self.steps, self.signatures, self.names, self.items)
        for name, step in self.steps.items():
            self._read_items(name, step, known)
        loaded = {name: self._bind(name, step, known) for name, step in self.steps.items()}
        nodes = [self._node(step, known) for step in loaded.values()]
        graph = self._order(nodes)
        self._compare_filenames()
        if self.faults:
            raise PipelineRefused(str(self.pipeline.name), self.faults)
        sha256 = _sha256(file, helpers)
        code = f"{own_version()}+{sha256[:SHORT_SHA]}"
        return LoadedPipeline(self.pipeline, graph, loaded, file, source, sha256, code)

    def _collect(self) -> None:
        """Each step by itself: names, signatures, options."""
        for text in pipeline_faults(self.pipeline):
            self.faults.append(Fault(self.pipeline.file, self.pipeline.line, text))
        for step in self.pipeline.steps:
            name = step.step_name
            if name in self.steps:
                self._fault(
                    step, f"line {_source_line(self.steps[name])[1]} has a step of this name; give one name="
                )
                continue
            self.steps[name] = step
            self.names[step.function] = (*self.names.get(step.function, ()), name)
            signature, faults = read_signature(step.function)
            self._fault(step, *faults, *option_faults(step, self.pipeline))
            if signature is not None:
                self.signatures[name] = signature
                self._fault(step, *result_faults(step, signature))

    def _read_items(self, name: str, step: Step, known: Known) -> None:
        """The declared type of a mapped step's items, and a literal list's JSON."""
        signature = self.signatures.get(name)
        if not step.mapped or signature is None:
            return
        if not signature.parameters:
            self._fault(step, "is mapped but takes nothing; its first parameter is the item")
            return
        try:
            first, wanted = signature.parameters[0]
            if callable(step.over):
                self.items[name] = item_type(step, known)
                if not assignable(self.items[name], wanted):
                    over, given = known.name_of(step.over, "over="), spelled(self.items[name])
                    raise Unbound(f"item {first!r} is {spelled(wanted)}, but {over!r} lists {given}")
            else:
                self.items[name] = wanted
                self.literals[name] = literal_items(step.over, wanted)
        except Unbound as error:
            self._fault(step, str(error))

    def _bind(self, name: str, step: Step, known: Known) -> LoadedStep:
        signature = self.signatures.get(name)
        parameters: list[Parameter] = []
        if signature is not None:
            parameters, faults = bind(step, signature, known)
            self._fault(step, *faults)
        result = classify(signature.result if signature else None)  # None only until the faults are raised
        return LoadedStep(
            name, step.kind, step.function, tuple(parameters), result, step, self.items.get(name)
        )

    def _node(self, loaded: LoadedStep, known: Known) -> Node:
        step = loaded.declared
        needs, faults = needs_of(loaded, known)
        self._fault(step, *faults)
        over = next((need.step for need in needs if need.kind == "over"), None)
        shared = step.resource if isinstance(step.resource, Resource) else None  # else a fault is reported
        return Node(
            name=loaded.name,
            kind=step.kind,
            mapped=step.mapped,
            over=over,
            items=self.literals.get(loaded.name),
            needs=tuple(needs),
            previous=tuple(dict.fromkeys(str(p.source) for p in loaded.parameters if p.role == "previous")),
            retries=step.retries,
            retry_overtime=_covers_overtime(step.retry_on),
            timeout_s=step.timeout.total_seconds() if step.timeout else None,
            kill_after_s=step.kill_after.total_seconds(),
            limit=step.limit,
            resource=shared.name if shared else None,
            resource_limit=shared.limit if shared else None,
            allow_failure=step.allow_failure,
            backoff_s=step.backoff.total_seconds(),
            longest_backoff_s=step.longest_backoff.total_seconds(),
        )

    def _order(self, nodes: Sequence[Node]) -> Graph:
        try:
            return in_order(nodes)
        except Cycle as error:
            self._fault(self.steps[error.steps[0]], str(error))
            return Graph(())

    def _compare_filenames(self) -> None:
        """Two reports of a run must not have one name; without a template each has its step's in it."""
        seen: dict[str, str] = {}
        for name, step in self.steps.items():
            template = (step.filename or self.pipeline.filename) if step.kind == "report" else None
            if template is None or "{step" in template:
                continue
            if template in seen:
                text = f"has the filename {template!r}, as report {seen[template]!r} has; put {{step}} in it"
                self._fault(step, f"{text} or give each its own")
            seen.setdefault(template, name)

    def _fault(self, step: Step, *texts: str) -> None:
        file, line = _source_line(step)
        self.faults += [
            Fault(file or self.pipeline.file, line or self.pipeline.line, f"step {step.step_name!r}: {text}")
            for text in texts
        ]


def _covers_overtime(retry_on: object) -> bool:
    """Whether an attempt that took too long is tried again. Other faults of the list are reported elsewhere."""
    if retry_on is None:
        return True
    listed = retry_on if isinstance(retry_on, Sequence) else ()
    return any(isinstance(kind, type) and issubclass(TimeLimit, kind) for kind in listed)


def _source_line(step: Step) -> tuple[str | None, int | None]:
    """File and line of the function, its decorators included."""
    code = getattr(inspect.unwrap(step.function), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code is not None else (None, None)


def _sha256(file: str, helpers: Sequence[Path]) -> str:
    """Of the file; or of it and its helpers together, because an edit of either changes what a run gives."""
    own = _digest(Path(file))
    if not helpers:
        return own
    parts = [own, *(f"{helper.name} {_digest(helper)}" for helper in sorted(helpers))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
