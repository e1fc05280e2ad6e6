"""Every pipeline that can run here, and every file that could not be loaded. Knows no database."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pipelines.loading.discovery import EntryPoints, Folder, Location
from pipelines.loading.discovery import catalog as shipped
from pipelines.loading.errors import Problem
from pipelines.loading.loaded import LoadedPipeline, LoadedStep, Parameter
from pipelines.names import did_you_mean
from presstime.errors import PresstimeError

__all__ = ["LoadedPipeline", "LoadedStep", "Parameter", "Problem", "Registry", "UnknownPipeline"]


class UnknownPipeline(PresstimeError):
    """No pipeline of that name was loaded."""

    def __init__(self, name: str, known: Sequence[str], problem: Problem | None = None) -> None:
        self.name = name
        if problem is not None:
            text = f"pipeline {name!r} did not load: {problem}"
        else:
            guess = did_you_mean(name, known) or f"; known are {', '.join(known) or 'none'}"
            text = f"pipeline {name!r} is unknown{guess}"
        super().__init__(text)


class Registry:
    """The pipelines by name. `refresh` follows edits of their files, and may be called from any thread."""

    def __init__(self, locations: Sequence[Location]) -> None:
        self._locations = tuple(locations)
        self._lock = threading.Lock()
        self.pipelines: Mapping[str, LoadedPipeline] = MappingProxyType({})
        self.problems: Sequence[Problem] = ()
        self._read()

    @classmethod
    def load(cls, *folders: Path | None, catalog: bool = True, entry_points: bool = True) -> "Registry":
        """Load the shipped catalog, the folders given, and the entry points of installed packages."""
        locations: list[Location] = [shipped()] if catalog else []
        locations += [Folder(folder.absolute()) for folder in folders if folder is not None]
        if entry_points:
            locations.append(EntryPoints())
        return cls(locations)

    def get(self, name: str) -> LoadedPipeline:
        try:
            return self.pipelines[name]
        except KeyError:
            problem = next((problem for problem in self.problems if problem.pipeline == name), None)
            raise UnknownPipeline(name, sorted(self.pipelines), problem) from None

    def declaring(self, schedule: str) -> list[LoadedPipeline]:
        """The pipelines whose code declares a schedule called `schedule`, or `pipeline/schedule`."""
        return [
            loaded
            for loaded in self.pipelines.values()
            if any(schedule in {one.name, f"{loaded.name}/{one.name}"} for one in loaded.pipeline.schedules)
        ]

    def changed(self) -> bool:
        """Return whether a file was added, removed or edited since it was read; costs one stat a file."""
        return any(location.changed() for location in self._locations)

    def refresh(self) -> bool:
        """Read again what changed, and what imports from it; True when something had."""
        with self._lock:
            if not self.changed():
                return False
            self._read()
            return True

    def _read(self) -> None:
        discovered = [given for location in self._locations for given in location.discover()]
        problems = [problem for given in discovered for problem in given.problems]
        by_name: dict[str, list[LoadedPipeline]] = {}
        for loaded in (pipeline for given in discovered for pipeline in given.pipelines):
            by_name.setdefault(loaded.name, []).append(loaded)
        problems += _repeated(by_name)
        once = {name: loaded[0] for name, loaded in sorted(by_name.items()) if len(loaded) == 1}
        self.pipelines, self.problems = MappingProxyType(once), tuple(problems)


def _repeated(by_name: Mapping[str, Sequence[LoadedPipeline]]) -> Iterator[Problem]:
    """A name given twice loads neither: which one runs must not hang on the order of files."""
    for name, loaded in by_name.items():
        if len(loaded) > 1:
            places = [f"{one.file}:{one.pipeline.line}" for one in loaded]
            message = f"{places[0]}: pipeline {name!r} is defined here and at {', '.join(places[1:])}"
            yield Problem(loaded[0].file, loaded[0].pipeline.line, name, (f"{message}; rename one of them",))
