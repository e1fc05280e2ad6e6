"""A header over several rows: which cell reaches over which columns and rows."""

from reports.tables.headers import Above, in_one_line
from reports.views.head import HeadCell, head_rows, outermost
from reports.views.table import ShownColumn


def columns(*given: tuple[str, Above]) -> list[ShownColumn]:
    return [ShownColumn(header, None, False, 1, "", above) for header, above in given]


def test_a_name_without_anything_above_reaches_up_to_the_first_row() -> None:
    rows = head_rows(
        columns(
            ("carrier", ()),
            ("Jan", ("2013", "EWR")),
            ("Feb", ("2013", "EWR")),
            ("Jan", ("2013", "JFK")),
            ("Jan", ("2014",)),
        )
    )

    assert rows == [
        [HeadCell("carrier", 0, 1, 3, own=True), HeadCell("2013", 1, 3), HeadCell("2014", 4)],
        [HeadCell("EWR", 1, 2), HeadCell("JFK", 3), HeadCell("Jan", 4, 1, 2, own=True)],
        [HeadCell(name, place, own=True) for place, name in ((1, "Jan"), (2, "Feb"), (3, "Jan"))],
    ]


def test_every_column_is_covered_once_in_every_row() -> None:
    given = columns(
        ("a", ("x", "", "y")), ("b", ("x", "", "z")), ("c", ("", "w")), ("d", ("", "")), ("e", ())
    )
    rows = head_rows(given)

    covered = [
        (level + down, cell.place + across)
        for level, row in enumerate(rows)
        for cell in row
        for down in range(cell.rows)
        for across in range(cell.columns)
    ]
    assert sorted(covered) == [(row, place) for row in range(4) for place in range(5)]
    assert [cell.text for cell in rows[1]] == ["", "w"]
    assert sum(outermost(given)) == 5


def test_a_header_of_one_row_has_it_all_but_what_is_blank() -> None:
    assert in_one_line(("2013", "EWR"), "Jan") == "2013 / EWR / Jan"
    assert in_one_line(("", "Total"), "flights") == "Total / flights"
