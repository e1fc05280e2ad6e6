"""Excel's names of columns and cells."""

from functools import lru_cache


@lru_cache(maxsize=1024)
def column_letter(place: int) -> str:
    """`A` for 1, `AA` for 27."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, place: int) -> str:
    return f"{column_letter(place)}{row}"
