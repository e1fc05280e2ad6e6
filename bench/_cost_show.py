"""The figures of `bench/cost.py` as tables for people."""

from collections.abc import Sequence
from typing import Any

STATEMENT_SHOWN = 160  # characters
PER_SIZE = ("per_item", "_mib")  # what would be equal if cost grew as the map does, or less


def show_run(parts: dict[str, Any]) -> None:
    print(f"{'each time, on average':24}{'statements':>12}{'transactions':>14}{'rows written':>14}")
    for part, spent in parts.items():
        each = [spent[name] / spent["times"] for name in ("statements", "transactions", "rows")]
        print(f"{part:24}{each[0]:12.1f}{each[1]:14.1f}{each[2]:14.1f}")


def show_round(figures: dict[str, Any]) -> None:
    few, many = figures["few"], figures["many"]
    print(f"\n{'ms':24}{'no history':>12}{'long history':>14}{'ratio':>8}")
    for name, label in (
        ("p25", "keeper's round, p25"),
        ("p50", "keeper's round, median"),
        ("p99", "keeper's round, p99"),
    ):
        _line(label, few["round_ms"][name], many["round_ms"][name])
    for name in many["page_ms"]:
        _line(f"page: {name}", few["page_ms"][name], many["page_ms"][name])
    good = sum(not plan["faults"] for plan in figures["plans"])
    print(f"{good} of {len(figures['plans'])} statements go by an index; loaded in {figures['load_s']:.0f} s")


def show_map(sizes: Sequence[dict[str, Any]]) -> None:
    small, large = sizes
    print(f"\n{'map':28}{small['items']:>10,}{large['items']:>10,}{'ratio':>8}")
    for name, value in large.items():
        if name != "items":
            ratio = f"{value / small[name]:8.2f}" if name.endswith(PER_SIZE) and small[name] else ""
            print(f"{name:28}{small[name]:10.3f}{value:10.3f}{ratio}")


def show_plans(plans: Sequence[dict[str, Any]]) -> None:
    for plan in plans:
        print(f"\n{plan['of']}: {plan['statement'][:STATEMENT_SHOWN]}")
        for line in plan["plan"]:
            print(f"    {line}")
        for fault in plan["faults"]:
            print(f"    READS ALL: {fault}")


def _line(label: str, few: float, many: float) -> None:
    print(f"{label:24}{few:12.2f}{many:14.2f}{many / few:8.2f}")
