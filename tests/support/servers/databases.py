"""Databases with all their tables, without the wait for a migration: copies of one that was migrated."""

import tempfile
from functools import lru_cache
from pathlib import Path

from presstime.database import create_engine
from presstime.migrations import ensure_current

DATABASES = ("sqlite", "postgresql")


def sqlite_with_tables(path: Path) -> str:
    """A file as `presstime migrate` leaves it; its URL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_template())
    return f"sqlite:///{path}"


@lru_cache(maxsize=1)
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "presstime.db"
        create_tables(f"sqlite:///{path}")
        return path.read_bytes()


def create_tables(url: str) -> None:
    engine = create_engine(url)
    ensure_current(engine, create=True)
    engine.dispose()  # of SQLite's three files one is left
