"""One sentence says what changed, in words that fit one row and many."""

import pandas as pd
import pytest

from reports import Changes, Column, Preflight, Table
from reports.comparing.compare import compare_table
from reports.comparing.words import TableChanges, summary
from reports.frames import Frame

BEFORE = pd.DataFrame({"carrier": ["AA", "DL", "GA"], "flights": [10, 20, 31], "share": [0.5, 0.25, 0.75]})


def changes(now: Frame, before: Frame | None, sheet: str = "By carrier") -> TableChanges:
    table = Table(now, changes=Changes(before, key="carrier"))
    return TableChanges(sheet, table, compare_table(sheet, table, Preflight()))


def edited(*added: str, **cells: tuple[str, object]) -> pd.DataFrame:
    now = BEFORE.astype({"carrier": object})
    for column, (carrier, value) in cells.items():
        now[column] = now[column].where(now.carrier != carrier, value)
    new = pd.DataFrame({"carrier": added, "flights": 1, "share": 0.5})
    return pd.concat([now, new], ignore_index=True)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (edited("UA", "WN", "XX", flights=("GA", 35)), "3 rows added, 1 changed, largest: GA +4"),
        (edited("UA"), "1 row added"),
        (BEFORE[1:], "1 row removed"),
        (BEFORE, "No change"),
        (
            edited(flights=("DL", 1_234_567), share=("GA", 0.5)),
            "2 rows changed, largest: DL flights +1,234,547",
        ),
        (edited(share=("GA", 0.5)), "1 row changed, largest: GA -0.25"),
        (BEFORE.assign(city="X"), "column city new"),
        (BEFORE.assign(a=1, b=1, c=1, d=1), "4 columns new"),
        (edited("UA")[["carrier"]][1:], "1 row added, 1 removed, columns flights and share gone"),
    ],
)
def test_the_sentence_says_what_changed(now: pd.DataFrame, sentence: str) -> None:
    assert changes(now, BEFORE).sentence == sentence


def test_the_sentence_calls_a_column_as_the_sheet_does() -> None:
    columns = {"flights": Column("Flights in all")}
    now = edited(flights=("DL", 25), share=("GA", 0.5))
    table = Table(now, columns=columns, changes=Changes(BEFORE, key="carrier"))
    one = TableChanges("By carrier", table, compare_table("By carrier", table, Preflight()))
    assert one.sentence == "2 rows changed, largest: DL Flights in all +5"


def test_a_key_that_is_an_instant_is_named_with_its_zone() -> None:
    now = pd.DataFrame({"carrier": pd.to_datetime(["2026-11-02T06:30Z"]).tz_convert("Asia/Tokyo"), "n": [3]})
    assert changes(now, now.assign(n=1)).sentence == "1 row changed, largest: 2026-11-02 06:30 UTC +2"


def test_the_first_report_has_nothing_to_compare_with() -> None:
    one = changes(BEFORE, None)
    assert one.sentence == "No report to compare with"
    found = summary([one])
    assert found == {
        "sentence": "No report to compare with",
        "changed": True,
        "tables": [{"sheet": "By carrier", "sentence": "No report to compare with", "compared": False}],
    }


def test_a_workbook_of_several_tables_says_which_of_them_changed() -> None:
    both = [changes(edited("UA"), BEFORE, "One"), changes(BEFORE, BEFORE, "Other")]
    found = summary(both)
    assert found is not None
    assert found["sentence"] == "One: 1 row added; Other: no change"
    assert found["changed"] is True
    assert found["tables"][0]["rows"] == {"added": 1, "removed": 0, "changed": 0, "unchanged": 3}


def test_nothing_is_said_where_nothing_was_to_be_compared_and_no_change_once_where_none_changed() -> None:
    assert summary([]) is None
    found = summary([changes(BEFORE, BEFORE, "One"), changes(BEFORE, BEFORE, "Other")])
    assert found is not None
    assert (found["sentence"], found["changed"]) == ("No change", False)
