"""Commands that list load no library that they have no use for: most of their time goes into starting."""

import subprocess
import sys
from pathlib import Path

import pytest

BROKERS = ("amqp", "celery", "kombu")
DATABASES = ("alembic", "psycopg", "sqlalchemy", "sqlite3")
REDIS = ("redbeat", "redis")
TERMINALS = ("rich",)
WEB = ("fastapi", "starlette", "uvicorn")

SCRIPT = """
import sys
from cli.main import main

sys.argv = ["presstime", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "unused"),
    [
        (("check",), BROKERS + DATABASES + REDIS + TERMINALS + WEB),
        (("runs", "--json"), REDIS + WEB),
        (("schedule", "list", "--json"), REDIS + WEB),
    ],
    ids=["check", "runs", "schedule list"],
)
@pytest.mark.usefixtures("data_dir", "folder")
def test_a_command_loads_no_library_that_it_has_no_use_for(
    words: tuple[str, ...], unused: tuple[str, ...], tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert ended.returncode == 0, ended.stderr
    loaded = ended.stderr.splitlines()[-1].split()
    assert {"cli.main", "presstime.settings", "pipelines.loading.loaded"} <= set(loaded)
    assert set(unused) & set(loaded) == set()
