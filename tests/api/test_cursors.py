"""Cursors come back as they went, and nothing else passes for one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import BadCursor, read_cursor, write_cursor


@given(st.uuids())
def test_a_cursor_is_read_back(last: UUID) -> None:
    assert read_cursor(write_cursor(last)) == last


@given(st.text(max_size=40))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadCursor, match="leave it out"):
        read_cursor(text)
