"""Finds pipelines: in the shipped catalog, in an author's folder, at installed entry points.

A file that cannot be imported stops only itself.
"""

import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pipelines
from pipelines.loading.errors import PipelineRefused, Problem
from pipelines.loading.importing import forget, import_file, open_folder, siblings_used, users_of
from pipelines.loading.load import load_pipeline
from pipelines.loading.loaded import LoadedPipeline
from pipelines.pipeline import Pipeline

GROUP = "presstime.pipelines"
CATALOG = "pipelines.catalog"

NAMES = re.compile(r"""\bPipeline\(\s*["']([a-z0-9-]+)["']""")

Stamp = tuple[int, ...]  # of a file: its time of change in ns, and its size


@dataclass(frozen=True)
class Discovered:
    """The pipelines and problems of one file, or of one entry point."""

    pipelines: tuple[LoadedPipeline, ...] = ()
    problems: tuple[Problem, ...] = ()


class Location(Protocol):
    """A source of pipelines."""

    def changed(self) -> bool:
        """Return whether a file is not as it was read; costs one stat a file."""
        ...

    def discover(self) -> list[Discovered]:
        """All of it, each file read anew only where it changed."""
        ...


@dataclass
class Folder:
    """The `.py` files of a folder. One that begins with `_`, or that others import from, may be a helper."""

    path: Path
    package: str | None = None  # None: a private name
    _stamps: dict[str, Stamp] = field(default_factory=dict)
    _uses: dict[str, frozenset[str]] = field(default_factory=dict)
    _discovered: dict[str, Discovered] = field(default_factory=dict)

    def changed(self) -> bool:
        return self._now() != self._stamps

    def discover(self) -> list[Discovered]:
        if not self.path.is_dir() and self.package is None:
            message = f"{self.path}:0: is no folder; check PRESSTIME_PIPELINES"
            return [Discovered(problems=(Problem(str(self.path), 0, None, (message,)),))]
        now = self._now()
        both = now.keys() | self._stamps.keys()
        stale = users_of({name for name in both if now.get(name) != self._stamps.get(name)}, self._uses)
        package = self.package or open_folder(self.path)
        if self._stamps or self.package is None:
            forget(f"{package}.{name}" for name in stale)
        self._stamps, self._uses = now, {name: siblings_used(self._file(name)) for name in now}
        for name in sorted(stale):
            self._discovered.pop(name, None)
            if self._file(name).is_file() and not name.startswith("_"):
                self._discovered[name] = self._read(package, name)
        return [self._discovered[name] for name in sorted(self._discovered)]

    def _read(self, package: str, name: str) -> Discovered:
        file = self._file(name)
        source = f"{package}.{name}" if self.package else str(file)
        try:
            module = import_file(f"{package}.{name}", file)
        except (Exception, SystemExit) as error:  # noqa: BLE001 # a file of the author's may raise anything
            return Discovered(problems=import_problems(file, error))
        helper = any(name in used for used in self._uses.values())
        return _read_module(module, file, source, may_be_empty=helper, helpers=self._helpers_of(name))

    def _helpers_of(self, name: str) -> list[Path]:
        """Every file of the folder that a file imports from, directly or not."""
        helpers: set[str] = set()
        ahead = set(self._uses[name])
        while ahead:
            helper = ahead.pop()
            helpers.add(helper)
            ahead |= self._uses.get(helper, frozenset()) - helpers
        files = [self._file(helper) for helper in helpers] + [
            file for helper in helpers for file in (self.path / helper).rglob("*.py")
        ]
        return [file for file in files if file.is_file()]

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.py"

    def _now(self) -> dict[str, Stamp]:
        """A stamp for each file, and one for each folder of helpers with all that is in it."""
        stamps = {file.stem: stamp_of(file) for file in self.path.glob("*.py") if file.stem != "__init__"}
        for folder in self.path.glob("[!._]*/"):
            stamps[folder.name] = tuple(
                part for file in sorted(folder.rglob("*.py")) for part in stamp_of(file)
            )
        return stamps


@dataclass
class EntryPoints:
    """Installed packages: each value is a Pipeline or a module. Read once: they change by installing."""

    group: str = GROUP
    _discovered: list[Discovered] | None = None

    def changed(self) -> bool:
        return self._discovered is None

    def discover(self) -> list[Discovered]:
        if self._discovered is None:
            self._discovered = [_read_entry_point(point) for point in entry_points(group=self.group)]
        return self._discovered


def catalog() -> Folder:
    """The pipelines that are shipped."""
    return Folder(Path(pipelines.__file__).parent / "catalog", CATALOG)


def _read_module(
    module: ModuleType, file: Path, source: str, *, may_be_empty: bool = False, helpers: Sequence[Path] = ()
) -> Discovered:
    declared = dict.fromkeys(value for value in vars(module).values() if isinstance(value, Pipeline))
    own = [pipeline for pipeline in declared if not _borrowed(pipeline, module)]
    if not own and not may_be_empty:
        message = f"{file}:1: defines no Pipeline; if it is a helper, begin its name with _"
        return Discovered(problems=(Problem(str(file), 1, None, (message,)),))
    return _load_all(own, file, source, helpers)


def _borrowed(pipeline: Pipeline, module: ModuleType) -> bool:
    """Whether the module only imported it from one that holds it too, beside itself."""
    home = sys.modules.get(pipeline.module)
    inside = pipeline.module.startswith(f"{module.__name__}.")
    return home is not None and home is not module and not inside and pipeline in vars(home).values()


def _load_all(declared: list[Pipeline], file: Path, source: str, helpers: Sequence[Path] = ()) -> Discovered:
    loaded: list[LoadedPipeline] = []
    problems: list[Problem] = []
    for pipeline in declared:
        try:
            loaded.append(load_pipeline(pipeline, file=file, source=source, helpers=helpers))
        except PipelineRefused as error:
            problems.append(error.problem)
        except Exception as error:  # noqa: BLE001 # values of wrong types that only a type checker sees
            message = f"{pipeline.file}:{pipeline.line}: cannot be checked: {_one_line(error)}"
            problems.append(Problem(pipeline.file, pipeline.line, str(pipeline.name), (message,)))
    return Discovered(tuple(loaded), tuple(problems))


def _read_entry_point(point: EntryPoint) -> Discovered:
    try:
        value = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 # a package of others may raise anything
        return Discovered(problems=import_problems(Path(point.value), error))
    if isinstance(value, Pipeline):
        return _load_all([value], Path(value.file), point.value)
    if isinstance(value, ModuleType):
        return _read_module(value, Path(value.__file__ or point.value), point.value)
    kind = type(value).__name__
    message = f"{point.value}:0: entry point {point.name!r} is a {kind}, neither a Pipeline nor a module"
    return Discovered(problems=(Problem(point.value, 0, None, (message,)),))


def import_problems(file: Path, error: BaseException) -> tuple[Problem, ...]:
    """The error, at the last line of the file that led to it, for each pipeline that the file names."""
    if isinstance(error, SyntaxError) and error.filename:
        path, line, text = error.filename, error.lineno or 0, f"{type(error).__name__}: {error.msg}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(file)]
        path, line, text = str(file), (lines[-1] if lines else 0) or 0, _one_line(error)
    message = f"{path}:{line}: cannot be imported: {text}"
    names: list[str | None] = [*_names_in(file)]
    return tuple(Problem(path, line, name, (message,)) for name in names or [None])


def _names_in(file: Path) -> list[str]:
    """Names of the pipelines that a file seems to define, though it cannot be imported."""
    try:
        return list(dict.fromkeys(NAMES.findall(file.read_text(errors="replace"))))
    except OSError:
        return []


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def stamp_of(file: Path) -> Stamp:
    try:
        status = file.stat()
    except OSError:  # deleted between listing and looking
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
