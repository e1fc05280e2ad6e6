"""A copy of the tree, in which a mutant takes the place of a file and the tests nearest to it are run.

The copy goes away with its folder, and whatever was started for a mutant is ended: an interrupted sample leaves
nothing behind, and the tree itself is never touched.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import grimp
import psutil

from tests.mutants.drawing import Mutant

FLOORS = ("pipelines", "scheduler", "reports", "presstime", "api", "cli")
MARK = "MUTANTS_OF"  # in the environment of all that is started
NEAR = 8  # test modules that are run first, by one process: it has begun before two have
OPTIONS = ("--exitfirst", "--quiet")
BY_TWO = ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
AGAIN = ("--last-failed", "--last-failed-no-failures=none")
PASSED = (0, 5)  # pytest's exit codes: no test failed, there was none to be run


class Laboratory:
    """Where mutants are tried; the tests of each may take `limit` seconds."""

    def __init__(self, root: Path, folder: Path, limit: float) -> None:
        self._root, self._tree, self._limit = root, folder / "tree", limit
        self._graph = _graph()
        command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
        for name in listed.split("\0"):
            if name and (root / name).is_file():
                (self._tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self._tree / name)

    def sees(self, mutant: Mutant) -> bool:
        """Whether a test fails within the limit, and passes again without the mutant."""
        tests, until = self._tests_of(mutant.file), time.monotonic() + self._limit
        return self._seen_by(mutant, tests[:NEAR], until) or self._seen_by(
            mutant, tests[NEAR:], until, BY_TWO
        )

    def _seen_by(
        self, mutant: Mutant, tests: Sequence[str], until: float, options: Sequence[str] = ()
    ) -> bool:
        if not tests or time.monotonic() > until:
            return False
        (self._tree / mutant.file).write_text(mutant.after)
        failed = self._fails([*options, *tests], until)
        shutil.copy2(self._root / mutant.file, self._tree / mutant.file)
        return failed and not self._fails([*AGAIN, *tests], until + self._limit)

    def _tests_of(self, file: str) -> list[str]:
        """Return the test modules whose imports lead to the file, those first that share the words of its path."""
        path = Path(file).with_suffix("")
        module = ".".join(path.parts).removesuffix(".__init__")

        def order(test: str) -> tuple[int, int]:
            chain = self._graph.find_shortest_chain(test, module) or ()
            return -len(_words(test) & _words(module)), len(chain)

        tests = [name for name in sorted(self._graph.find_downstream_modules(module)) if _is_test(name)]
        return [f"{name.replace('.', '/')}.py" for name in sorted(tests, key=order)]

    def _fails(self, arguments: Sequence[str], until: float) -> bool:
        """Run tests; those that are still running when the time is up have not failed."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *OPTIONS, f"--timeout={self._limit / 2}", *arguments],
            cwd=self._tree,
            env={**os.environ, "PYTHONPATH": str(self._tree), MARK: str(self._tree)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return process.wait(max(until - time.monotonic(), 1)) not in PASSED
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._end_all()
            process.wait()

    def _end_all(self) -> None:
        """End whatever was started for the tests and is still there."""
        running = psutil.process_iter(["environ"])
        left = [
            process for process in running if (process.info["environ"] or {}).get(MARK) == str(self._tree)
        ]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=10)


def _graph() -> grimp.ImportGraph:
    """Return who imports whom, and what each test module has from the conftest of its folders without an import."""
    graph = grimp.build_graph(*FLOORS, "tests", cache_dir=None)
    for test in filter(_is_test, graph.modules):
        for conftest in (name for name in graph.modules if name.endswith(".conftest")):
            if test.startswith(conftest.removesuffix("conftest")):
                graph.add_import(importer=test, imported=conftest)
    return graph


def _is_test(module: str) -> bool:
    return module.rpartition(".")[2].startswith("test_")


def _words(module: str) -> set[str]:
    """Return the words of its path, in the singular: `schedule` of `api.schemas.schedules`."""
    return {word.removesuffix("s") for word in re.split(r"[._]", module)}
