import subprocess
import sys
from datetime import date, timedelta

from pipelines import Finding, Pipeline

HEAVY = ("pandas", "pyarrow", "polars", "httpx", "openpyxl", "sqlalchemy", "celery")


def test_decorators_hand_the_function_back_unchanged() -> None:
    p = Pipeline("p")

    def days() -> list[date]:
        return [date(2013, 1, 5)]

    def flights(day: date) -> str:
        return day.isoformat()

    def verdict(days: list[date]) -> Finding | None:
        return None

    assert p.extract(days) is days
    assert p.extract(over=days, retries=3, timeout=timedelta(minutes=5))(flights) is flights
    assert p.check(guards=[])(verdict) is verdict
    assert p.report(filename="x")(days) is days
    assert [(step.kind, step.step_name) for step in p.steps] == [
        ("extract", "days"),
        ("extract", "flights"),
        ("check", "verdict"),
        ("report", "days"),
    ]


def test_a_pipeline_knows_where_it_was_made() -> None:
    p = Pipeline("p")

    assert p.file == __file__
    assert p.line > 1
    assert p.module == __name__


def test_importing_pipelines_loads_nothing_heavy() -> None:
    code = (
        f"import sys, pipelines, pipelines.loading.registry; print([m for m in {HEAVY} if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
