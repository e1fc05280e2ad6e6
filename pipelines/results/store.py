"""Stores what a step returned and hands it to whoever takes it. Documents are not handled here.

A result is read back at once, and must equal what was returned.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias, cast

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import JsonValue

from pipelines.annotations import Form, FrameForm, FrameType, RecordType, ResultType, ValueType, classify
from pipelines.results.equality import frame_difference, is_plain
from pipelines.results.frames import (
    FrameRefused,
    from_arrow,
    pack_table,
    plain_to_arrow,
    read_frame,
    read_table,
    unpack_table,
    write_frame,
)
from pipelines.results.items import json_text
from pipelines.results.joins import PartsDiffer, join_tables
from pipelines.results.streams import write_stream
from pipelines.results.values import ValueChanged, dump, parse
from presstime.artifacts import Artifacts
from presstime.errors import PresstimeError

INLINE = 64 * 1024  # bytes of JSON that stay in the descriptor; more goes to the store
# Bytes of a plain pandas frame that do: a file of its own costs more than all else about a small result, and
# whoever joins the results of 10,000 items reads their rows at once.
INLINE_FRAME = 16 * 1024

Descriptor: TypeAlias = dict[str, JsonValue]
Parts: TypeAlias = Sequence[tuple[str, Descriptor | None]]  # item as canonical JSON; None: it failed


class ResultRefused(PresstimeError):
    """A step returned what is not of its declared type, or would come back changed."""

    def __init__(self, step: str, difference: str) -> None:
        self.step = step
        self.difference = difference
        super().__init__(f"step {step!r} returned what cannot be handed on unchanged: {difference}")


class NothingToJoin(PresstimeError):
    """A parameter asks for the frames of a mapped step in one, and there is none."""

    def __init__(self) -> None:
        super().__init__(
            "there is nothing to join: no item, or each failed or was skipped; "
            "take list[...] or dict[item, ...], or `| None`, to go on without"
        )


def save(value: object, declared: object, artifacts: Artifacts, prefix: str, *, step: str = "") -> Descriptor:
    """Store `value` under names that begin with `prefix`, and describe where it is, in JSON; raises ResultRefused.

    `declared` is the step's result annotation, or what `classify` made of it.
    """
    try:
        return _save(value, _kind(declared), artifacts, prefix, "result")
    except (ValueChanged, FrameRefused, PartsDiffer) as error:
        raise ResultRefused(step or prefix, str(error)) from error


def load(
    descriptor: Descriptor,
    declared: object,
    artifacts: Artifacts,
    stack: ExitStack,
    frame: FrameForm | None = None,
) -> Any:  # what the annotation says
    """The stored result; a frame in the form `frame`, else as declared.

    A lazy frame and a path read from a file that lives until `stack` is closed.
    """
    kind = _kind(declared)
    if descriptor["kind"] == "none":
        return None
    if descriptor["kind"] == "json" and isinstance(kind, ValueType):
        return parse(json_text(descriptor, artifacts), kind.annotation)
    if descriptor["kind"] == "frame" and isinstance(kind, FrameType):
        return _load_frame(descriptor, frame or kind.form, artifacts, stack)
    if descriptor["kind"] == "record" and isinstance(kind, RecordType):
        fields = cast("dict[str, Descriptor]", descriptor["fields"])
        return kind.cls(*(load(fields[name], part, artifacts, stack) for name, part in kind.fields))
    raise ResultRefused(str(descriptor.get("key", "")), f"stored as {descriptor['kind']}, declared as {kind}")


def load_joined(  # noqa: PLR0917 # the arguments of `load`, and the items' type
    parts: Parts,
    form: Form,
    declared: object,
    artifacts: Artifacts,
    stack: ExitStack,
    item: object,
) -> Any:  # what the parameter's annotation says
    """Return what a parameter takes of a mapped step, in the order of `parts`, which leave out skipped items.

    `item` is the declared type of the mapped step's items. Items that failed are None in a dict, and left out
    of the other forms.
    """
    there = [(key, descriptor) for key, descriptor in parts if descriptor is not None]
    kind = _kind(declared)
    if form.shape == "dict":
        return {
            parse(key, item): load(part, kind, artifacts, stack, form.frame) if part is not None else None
            for key, part in parts
        }
    if form.shape == "list":
        return [load(descriptor, kind, artifacts, stack, form.frame) for _, descriptor in there]
    if not isinstance(kind, FrameType):
        return [element for _, descriptor in there for element in load(descriptor, kind, artifacts, stack)]
    if there:
        return _join_frames(there, form.frame or kind.form, artifacts, stack)
    if form.optional:
        return None
    raise NothingToJoin


def _kind(declared: object) -> ResultType:
    return declared if isinstance(declared, ResultType) else classify(declared)


def _save(value: Any, kind: ResultType, artifacts: Artifacts, prefix: str, name: str) -> Descriptor:
    if isinstance(kind, FrameType):
        if value is None and kind.optional:
            return {"kind": "none"}
        return _save_frame(value, kind, artifacts, f"{prefix}-{name}.parquet")
    if isinstance(kind, RecordType):
        return _save_record(value, kind, artifacts, prefix)
    if isinstance(kind, ValueType):
        return _save_value(value, kind, artifacts, f"{prefix}-{name}.json")
    raise ValueChanged(f"a {type(kind).__name__} is stored elsewhere")


def _save_value(value: object, kind: ValueType, artifacts: Artifacts, key: str) -> Descriptor:
    text = dump(value, kind.annotation)
    body = text.encode()
    descriptor: Descriptor = {"kind": "json"}
    if isinstance(value, list):
        descriptor["rows"] = len(value)
    if len(body) <= INLINE:
        return {**descriptor, "text": text}
    with artifacts.draft(key) as path:
        path.write_bytes(body)
    return {**descriptor, "key": key}


def _save_record(value: Any, kind: RecordType, artifacts: Artifacts, prefix: str) -> Descriptor:
    if type(value) is not kind.cls:
        raise ValueChanged(f"declared {kind.cls.__name__}, returned {type(value).__name__}")
    fields: dict[str, JsonValue] = {}
    for name, part in kind.fields:
        try:
            fields[name] = _save(getattr(value, name), part, artifacts, prefix, name)
        except (ValueChanged, FrameRefused) as error:
            raise ValueChanged(f"field {name!r}, {error}") from error
    return {"kind": "record", "fields": fields}


def _save_frame(value: Any, kind: FrameType, artifacts: Artifacts, key: str) -> Descriptor:
    if not kind.stream and kind.form == "pandas" and (packed := _packed(value)):
        return packed
    with artifacts.draft(key) as path:
        if kind.stream:
            write_stream(value, kind.form, path)
        else:
            table = write_frame(value, kind.form, path)
            if found := _difference(value, kind.form, table, path):
                raise FrameRefused(found)
            if table is not None:
                return {"kind": "frame", "key": key, "rows": table.num_rows, "columns": table.column_names}
        written = pq.read_metadata(path)
        names: list[JsonValue] = list(written.schema.to_arrow_schema().names)
        return {"kind": "frame", "key": key, "rows": written.num_rows, "columns": names}


def _packed(value: Any) -> Descriptor | None:  # whatever a step returned
    """A small frame within its descriptor, when Arrow carries it as it is."""
    if type(value) is not pd.DataFrame or value.size > INLINE_FRAME // 4 or not is_plain(value):
        return None  # a cell takes four bytes or more, but for booleans
    table = plain_to_arrow(value)
    if table.nbytes > INLINE_FRAME:
        return None
    text = pack_table(table)
    if not unpack_table(text).equals(table):
        return None  # the long way says where they differ
    return {"kind": "frame", "arrow": text, "rows": table.num_rows, "columns": table.column_names}


def _difference(value: Any, form: FrameForm, written: pa.Table | None, path: Path) -> str | None:
    """Where the file differs from the frame."""
    if written is not None and form == "pandas" and is_plain(value) and read_table(path).equals(written):
        return None  # what Arrow made of a plain frame is the frame
    return frame_difference(value, read_frame(path, form))


def _load_frame(
    descriptor: Descriptor, form: FrameForm, artifacts: Artifacts, stack: ExitStack
) -> Any:  # by `form`
    if "arrow" in descriptor:
        return _formed(unpack_table(str(descriptor["arrow"])), form, stack)
    key = str(descriptor["key"])
    if form in {"lazy", "path"}:
        return read_frame(stack.enter_context(artifacts.local(key)), form)
    with artifacts.local(key) as path:
        return read_frame(path, form)


def _load_table(descriptor: Descriptor, artifacts: Artifacts) -> pa.Table:
    if "arrow" in descriptor:
        return unpack_table(str(descriptor["arrow"]))
    with artifacts.local(str(descriptor["key"])) as path:
        return read_table(path)


def _join_frames(
    parts: Sequence[tuple[str, Descriptor]], form: FrameForm, artifacts: Artifacts, stack: ExitStack
) -> Any:  # by `form`
    if form == "polars":
        frames = [_load_frame(part, "polars", artifacts, stack) for _, part in parts]
        if all(frame.schema == frames[0].schema for frame in frames):  # keeps the types that Arrow lacks
            return pl.concat(frames)
    joined = join_tables([(item, _load_table(part, artifacts)) for item, part in parts])
    return _formed(joined, form, stack)


def _formed(table: pa.Table, form: FrameForm, stack: ExitStack) -> Any:  # by `form`
    """A table in memory as its consumer wants it; as a path, in a file that lives until `stack` is closed."""
    if form != "path":
        return from_arrow(table, form)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="presstime-")))
    pq.write_table(table, folder / "frame.parquet")
    return folder / "frame.parquet"
