"""A template with everything that other tools lose, around and below a range that is filled."""

from typing import Any

from tests.support.workbooks.templates import drawn

ROWS = [{"name": name, "a": a, "b": 10 - a} for name, a in (("Ann", 1), ("Bob", 4), ("Cy", 2), ("Di", 9))]


def _build(book: Any) -> None:
    ws, other = book.add_worksheet("Report"), book.add_worksheet("Other")
    bold = book.add_format({"bold": True, "bottom": 1})
    ws.write("A1", "{{ title }}", book.add_format({"bold": True, "font_size": 16}))
    ws.write_row("A4", ["Name", "A", "B", "Sum", "Trend", "So far"], bold)
    ws.write_row("A5", ["{{ item.name }}", "{{ item.a }}", "{{ item.b }}"])
    ws.write_formula("D5", "=B5+C5*$B$9")
    ws.write_formula("F5", "=SUM(D$5:D5)")
    ws.write_row("A6", ["Total", "<<sum>>", "<<max>>"], bold)
    ws.set_row(4, 21)
    ws.write_comment("A5", "who")
    ws.write_url("C5", "internal:Other!A1", string="{{ item.b }}")
    ws.data_validation("B5", {"validate": "list", "source": "=$A$18:$A$19"})
    ws.conditional_format("D5", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    ws.conditional_format("B5", {"type": "formula", "criteria": "=$B5>$B$9", "format": bold})
    ws.add_sparkline("E5", {"range": "Report!B5:D5"})
    ws.write("A8", "All")
    ws.write_formula("B8", "=SUM(D5)")
    ws.write_row("A9", ["Rate", 2])
    ws.add_sparkline("C9", {"range": "Report!D5:D5"})
    ws.merge_range("A11:C11", "below")
    ws.insert_textbox("A12", "A note", {"width": 200, "height": 40})
    ws.write_comment("B9", "the rate")
    ws.write_url("D9", "internal:Report!A17", string="below")
    ws.add_table(
        "A17:B19",
        {"name": "Below", "columns": [{"header": "k"}, {"header": "v"}], "data": [["x", 1], ["y", 2]]},
    )
    ws.set_h_pagebreaks([9])
    ws.print_area("A1:F19")
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {"name": "=Report!$B$4", "categories": "=Report!$A$5:$A$5", "values": "=Report!$D$5:$D$5"}
    )
    ws.insert_chart("H2", chart)
    below = book.add_chart({"type": "line"})
    below.add_series({"categories": "=Report!$A$18:$A$19", "values": "=Report!$B$18:$B$19"})
    ws.insert_chart("H22", below)
    book.define_name("People", "=Report!$A$5:$F$6")
    book.define_name("Rate", "=Report!$B$9")
    other.write_formula("A1", "=SUM(Report!D5:D5)")
    other.write_formula("A2", "=Report!B9*COUNT(Below[v])")
    other.write_formula("A3", "=LOG10(100)")
    other.add_sparkline("B1", {"range": "Report!B5:B5"})


OWN = drawn(_build)
