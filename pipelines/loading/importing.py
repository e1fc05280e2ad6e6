"""Imports an author's files under a package name of their own, never from `sys.path`, and always anew.

Helpers are found by relative imports (`from .helpers import x`). Bytecode caches are not used: they see whole
seconds, and so would miss an edit that follows another.
"""

import ast
import hashlib
import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

PREFIX = "presstime_folder_"


class FreshLoader(SourceFileLoader):
    """Compiles the file as it is now."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class FolderFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of the folders that were opened, for relative imports among them."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 # importlib's signature
    ) -> ModuleSpec | None:
        if not fullname.startswith(PREFIX) or not path:
            return None
        stem = fullname.rpartition(".")[2]
        for folder in path:
            file, package = Path(folder) / f"{stem}.py", Path(folder) / stem
            if file.is_file():
                return importlib.util.spec_from_file_location(
                    fullname, file, loader=FreshLoader(fullname, str(file))
                )
            if package.is_dir():
                return _package_spec(fullname, package)
        return None


def open_folder(folder: Path) -> str:
    """The name of the package that stands for a folder; its modules are imported by that name."""
    name = PREFIX + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    if not any(isinstance(finder, FolderFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, FolderFinder())
    if name not in sys.modules:
        sys.modules[name] = importlib.util.module_from_spec(_package_spec(name, folder))
    return name


def import_file(name: str, file: Path) -> ModuleType:
    """The module of that name, made from the file as it is now unless something imported it before."""
    if name in sys.modules:
        return sys.modules[name]
    importlib.import_module(name.rpartition(".")[0])
    spec = importlib.util.spec_from_file_location(name, file, loader=FreshLoader(name, str(file)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def forget(names: Iterable[str]) -> None:
    """Drop modules, and what is below them, so that the next import reads their files again."""
    gone = tuple(names)
    inside = tuple(f"{name}." for name in gone)
    for loaded in [name for name in sys.modules if name in gone or name.startswith(inside)]:
        del sys.modules[loaded]
    for name in gone:
        package, _, child = name.rpartition(".")  # `from . import x` looks at the package first
        if package in sys.modules:
            vars(sys.modules[package]).pop(child, None)
    importlib.invalidate_caches()


def siblings_used(file: Path) -> frozenset[str]:
    """The stems of the files beside it that a file imports from, directly."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1]
    named = {node.module.split(".")[0] for node in found if node.module}
    return frozenset(named | {alias.name for node in found if not node.module for alias in node.names})


def users_of(changed: Iterable[str], uses: Mapping[str, frozenset[str]]) -> set[str]:
    """The stems that changed, and all that import from one of them, directly or not."""
    stale = set(changed)
    while more := {stem for stem, used in uses.items() if used & stale} - stale:
        stale |= more
    return stale


def _package_spec(name: str, folder: Path) -> ModuleSpec:
    """A package whose own `__init__.py`, if there is one, runs; the folder alone is one without."""
    init = folder / "__init__.py"
    if init.is_file() and "." in name:
        spec = importlib.util.spec_from_file_location(
            name, init, loader=FreshLoader(name, str(init)), submodule_search_locations=[str(folder)]
        )
    else:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
    if spec is None:
        raise ImportError(f"no package {name} in {folder}")
    return spec
