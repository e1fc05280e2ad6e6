"""Functions of the templates: which part this is, and what a cell's style is in HTML."""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from reports.palette import BAD, GOOD, LATE
from reports.views.book import ShownChart, ShownFigures, ShownLink, ShownPart, ShownRows
from reports.views.marks import MarkStyle
from reports.views.table import ShownColumn

MOST_ROWS = 2_000  # of a table that a page shows: more is for the workbook
LONG = 40  # characters: text of more is broken into lines
NARROW = 20  # characters: a first column of no more stays in view while others go by
TONES = {GOOD: "good", LATE: "late", BAD: "bad"}
KINDS = {ShownRows: "rows", ShownChart: "chart", ShownFigures: "figures", ShownLink: "link"}


def kind(part: ShownPart) -> str:
    return KINDS.get(type(part), "text")


def tone(colour: str) -> str:
    """The page's own name for one of the colours that mean something."""
    return TONES.get(colour, "soft")


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def keeps_first(columns: Sequence[ShownColumn]) -> bool:
    """Return whether the first column says what each row is, and leaves room for others on a telephone."""
    return columns[0].at_left and columns[0].widest <= NARROW and not columns[0].above


@lru_cache(maxsize=1_024)  # most cells of a column look alike
def cell_attributes(marked: MarkStyle, column: ShownColumn) -> Markup:
    """Class and style of a cell. Colours come from marks, which take six hexadecimal digits and nothing else."""
    classes = ["n"] if not column.at_left else ["l"] if column.widest > LONG else ["w"]
    style = ""
    if marked.ink in TONES:
        classes.append(f"look-{TONES[marked.ink]}")
    elif marked.ground:
        style = f"background:#{marked.ground};color:#{marked.ink}"
    if marked.bold:
        classes.append("strong")
    if marked.bar and marked.bar.end > marked.bar.begin:
        classes.append("bar")
        style = f"--from:{marked.bar.begin:.2%};--to:{marked.bar.end:.2%};--bar:#{marked.bar.colour}"
    given = [("class", " ".join(classes)), ("style", style)]
    return Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in given if value)
