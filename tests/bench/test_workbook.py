"""What the bench of writing workbooks asks for, and that a figure which is not there misses it."""

from bench._footprint import Figures
from bench._workbook_goals import missed
from bench._workbook_ways import badly_chosen
from bench._workbook_writers import FAST, FIVE, OPENPYXL, RUST, SMALL

GOOD: Figures = {"cpu_s": 1.0, "file_mb": 1.0, "peak_mb": 50.0}
SHORT: Figures = {OPENPYXL: 90.0, FAST: 9.0, SMALL: 9.0}


def frames(**changed: Figures) -> dict[str, dict[str, list[Figures]]]:
    """Frame B with figures that miss nothing, but for those of the writers that are named."""
    writers = {
        OPENPYXL: {"cpu_s": 1000.0, "file_mb": 1.0},
        RUST: {"cpu_s": 100.0, "file_mb": 1.0},
        SMALL: GOOD | {"file_by_zlib_mb": 1.0},
        FAST: GOOD,
        FIVE: GOOD,
    }
    return {"B": {name: [figures] for name, figures in (writers | changed).items()}}


def test_good_figures_miss_nothing() -> None:
    assert list(missed(frames(), SHORT)) == []


def test_memory_that_was_not_measured_misses_its_limit() -> None:
    unknown = {name: one for name, one in GOOD.items() if name != "peak_mb"}

    lines = set(missed(frames(**{FAST: unknown, FIVE: unknown}), SHORT))

    assert lines == {f"B: the memory of {name} was not measured" for name in (FAST, FIVE)}


def test_memory_over_its_limit_is_said() -> None:
    lines = list(missed(frames(**{FAST: GOOD | {"peak_mb": 61.0}, FIVE: GOOD | {"peak_mb": 90.0}}), SHORT))

    assert lines == [
        f"B: {FAST} needs 61 MB above the table, limit 60 MB",
        "B: five sheets need 29 MB more than one, limit 20 MB",
    ]


def test_a_file_that_was_not_compared_with_zlib_misses_its_limit() -> None:
    assert list(missed(frames(**{SMALL: GOOD}), SHORT)) == [
        f"B: the file of {SMALL} was not compared with zlib's"
    ]


def test_a_choice_of_ways_that_was_not_measured_is_no_good_one() -> None:
    assert list(badly_chosen({"12": {"openpyxl": 1.0, "columnar": 2.0, "auto": 1.0}})) == []
    assert list(badly_chosen({})) == ["no way to write a few cells was measured"]
