"""The needs of each step: items, data, order, and reports that wait for checks."""

from collections.abc import Iterator

from pipelines.graph import Need
from pipelines.loading.binding import Known, Unbound
from pipelines.loading.loaded import LoadedStep
from pipelines.step import Step


def needs_of(step: LoadedStep, known: Known) -> tuple[tuple[Need, ...], list[str]]:
    """The step's needs, each once, and what is wrong with `over=`, `after=` and `guards=`."""
    faults: list[str] = []
    needs: dict[tuple[str, str], Need] = {}
    for need in (*_over(step.declared, known), *_data(step, known), *_after(step.declared, known, faults)):
        needs.setdefault((need.step, need.kind), need)
    if step.kind == "report":
        for name, check in known.steps.items():
            if check.kind == "check" and step.name in (guarded(check, known) or {step.name}):
                needs.setdefault((name, "gate"), Need(name, "gate"))
    if step.kind == "check":
        faults += _guard_faults(step.declared, known)
    return tuple(needs.values()), faults


def guarded(check: Step, known: Known) -> set[str] | None:
    """The reports that wait for a check; None for all of them."""
    if check.guards is None:
        return None
    return {name for report in check.guards for name in known.names.get(report, ())}


def _over(step: Step, known: Known) -> Iterator[Need]:
    if not callable(step.over):
        return
    try:
        name = known.name_of(step.over, "over=")
    except Unbound:  # reported where its items are read
        return
    yield Need(name, "over", optional=bool(known.steps[name].allow_failure))


def _data(step: LoadedStep, known: Known) -> Iterator[Need]:
    for parameter in step.parameters:
        if parameter.role == "step" and parameter.source is not None and parameter.form is not None:
            source = known.steps[parameter.source]
            some_may_fail = source.mapped and bool(source.allow_failure)
            yield Need(parameter.source, "data", optional=parameter.form.optional or some_may_fail)


def _after(step: Step, known: Known, faults: list[str]) -> Iterator[Need]:
    for earlier in step.after:
        try:
            name = known.name_of(earlier, "after=")
        except Unbound as error:
            faults.append(str(error))
        else:
            yield Need(name, "after", optional=bool(known.steps[name].allow_failure))


def _guard_faults(check: Step, known: Known) -> Iterator[str]:
    if check.guards is not None and not check.guards:
        yield "guards=[] guards nothing; leave it out to guard every report"
    for report in check.guards or ():
        try:
            name = known.name_of(report, "guards=")
        except Unbound as error:
            yield str(error)
            continue
        if known.steps[name].kind != "report":
            yield f"guards= names {name!r}, of kind {known.steps[name].kind}, not a report"
