"""The items of a mapped step: another step's list, or literal ones, known by their canonical JSON."""

from collections.abc import Sequence

from pipelines.annotations import list_item, spelled
from pipelines.loading.binding import Known, Unbound
from pipelines.results.values import Unserialisable, ValueChanged, canonical
from pipelines.step import Step


def item_type(step: Step, known: Known) -> object:
    """The declared type of the items that another step lists; raises Unbound."""
    name = known.name_of(step.over, "over=")
    source = known.steps[name]
    if source.kind not in {"extract", "transform"}:
        raise Unbound(f"over= names {name!r}, a {source.kind}; items come from extract or transform")
    if source.allow_failure is True:
        raise Unbound(f"over= names {name!r}, which may fail (allow_failure); a map needs its list")
    if name not in known.signatures:
        return object
    result = known.signatures[name].result
    item = list_item(result)
    if item is None:
        raise Unbound(f"over= names {name!r}, which returns {spelled(result)}; it must return list[...]")
    return item


def literal_items(values: object, annotation: object) -> tuple[str, ...]:
    """The canonical JSON of items written out in `over=`; raises Unbound."""
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        raise Unbound(f"over={values!r} is neither a step nor a list")
    if not values:
        raise Unbound("over= is an empty list: nothing would ever run")
    found: dict[str, None] = {}  # in their order
    for value in values:
        try:
            item = canonical(value, annotation)
        except (ValueChanged, Unserialisable) as error:
            raise Unbound(f"item {value!r} of over= is no {spelled(annotation)}: {error}") from error
        if item in found:
            raise Unbound(f"over= has the item {item} twice")
        found[item] = None
    return tuple(found)
