"""A whole Presstime in a temporary folder: real Valkey, real workers, started and ended by the test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from presstime.settings import PROJECT, Settings
from scheduler.runtime import Runtime
from scheduler.valkey import find_server, server_command, socket_path, wait_until_ready
from tests.support.installations import forked
from tests.support.installations.forked import Forked

PATIENCE = 60.0  # seconds after which a wait is given up; never what a test measures


@dataclass
class Installation:
    """Processes share `environment`; `pipelines` is the folder for the test's own pipelines.

    Commands are forked from a process that has imported everything; where it matters how they are started, each
    gets an interpreter of its own, as a user's do.
    """

    folder: Path
    database_url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    interpreters: bool = False
    processes: "dict[str, subprocess.Popen[str] | Forked]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"
        self.pipelines = self.folder / "pipelines"
        self.pipelines.mkdir(parents=True, exist_ok=True)
        self.data_dir.mkdir(exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSTIME_")}
        return {
            **kept,
            "PRESSTIME_DATA_DIR": str(self.data_dir),
            "PRESSTIME_PIPELINES": str(self.pipelines),
            "PRESSTIME_DATABASE_URL": self.database_url,
            "PRESSTIME_API_PORT": "0",
            "PRESSTIME_DEMO_PORT": "0",
            **self.extra,
        }

    @property
    def settings(self) -> Settings:
        given = {
            name.removeprefix("PRESSTIME_").lower(): value
            for name, value in self.environment.items()
            if name.startswith("PRESSTIME_")
        }
        return Settings.model_validate(given)

    def runtime(self) -> Runtime:
        return Runtime.open(self.settings)

    def write_pipeline(self, name: str, source: str) -> None:
        (self.pipelines / f"{name}.py").write_text(source)

    def command(self, *words: str, timeout: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
        """Run a `presstime` command to its end."""
        if not self.interpreters:
            return forked.run(words, self.environment, timeout)
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, name: str, *words: str) -> "subprocess.Popen[str] | Forked":
        """Start a `presstime` command that stays; its output goes to `<name>.log`."""
        if self.interpreters:
            return self._spawn(name, [sys.executable, "-m", "cli", *(words or (name,))])
        self.processes[name] = forked.start(words or (name,), self.environment, self.folder / f"{name}.log")
        return self.processes[name]

    def start_valkey(self) -> None:
        socket = socket_path(self.data_dir)
        self._spawn("valkey", server_command(find_server(), socket, self.data_dir, persistent=False))
        wait_until_ready(socket, PATIENCE)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def wait(self, what: str, condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """What `condition` returns once that is true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.05)
        logs = "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))
        raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}\n{logs}")

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(timeout=PATIENCE)

    def stop_all(self) -> None:
        for name in sorted(self.processes, key=lambda name: name == "valkey"):
            process = self.processes[name]
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    def _spawn(self, name: str, command: list[str]) -> "subprocess.Popen[str]":
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.processes[name] = process
        return process


def one_object(stdout: str) -> dict[str, Any]:
    """The single JSON object that a command printed."""
    lines = stdout.splitlines()
    assert len(lines) == 1, stdout
    found: dict[str, Any] = json.loads(lines[0])
    return found
