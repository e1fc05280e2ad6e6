"""Ranges, tags and names of files, by RFC 9110 and RFC 6266."""

import email.message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import ByteRange, RangeNotSatisfiable, disposition, has_tag, wanted_range


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=10-19", 10, 20),
        ("bytes=90-", 90, 100),
        ("bytes=90-500", 90, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-500", 0, 100),
        ("Bytes= 1-2 ", 1, 3),
    ],
)
def test_a_single_range_is_served(header: str, start: int, end: int) -> None:
    assert wanted_range(header, 100) == ByteRange(start, end)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "lines=1-2",
        "bytes=1" + "0" * 99 + "-",
    ],
)
def test_what_is_not_one_range_of_bytes_gives_the_whole_file(header: str | None) -> None:
    assert wanted_range(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_a_range_behind_the_end_is_an_error(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        wanted_range(header, size)

    assert caught.value.size == size


@pytest.mark.parametrize("header", ['"abc"', 'W/"abc"', '"x", "abc"', "*", ' "y" ,W/"abc" '])
def test_a_tag_is_found_in_a_list(header: str) -> None:
    assert has_tag(header, '"abc"')


@pytest.mark.parametrize("header", [None, "", "abc", '"abcd"', '"x"'])
def test_another_tag_is_not_taken_for_it(header: str | None) -> None:
    assert not has_tag(header, '"abc"')


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("Sales 2013-01.xlsx", 'attachment; filename="Sales 2013-01.xlsx"'),
        ("Umsätze.xlsx", "attachment; filename=\"Umsatze.xlsx\"; filename*=UTF-8''Ums%C3%A4tze.xlsx"),
        ("報告", "attachment; filename=\"report\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A"),
        ('a"b.xlsx', "attachment; filename=\"a_b.xlsx\"; filename*=UTF-8''a%22b.xlsx"),
        ("100%.xlsx", "attachment; filename=\"100_.xlsx\"; filename*=UTF-8''100%25.xlsx"),
        ("../etc/passwd", 'attachment; filename=".._etc_passwd"'),
        ("a\r\nSet-Cookie: x", 'attachment; filename="a__Set-Cookie: x"'),
    ],
)
def test_a_filename_is_given_in_both_forms(filename: str, header: str) -> None:
    assert disposition(filename) == header


@given(st.text(min_size=1))
def test_no_filename_breaks_out_of_its_header(filename: str) -> None:
    header = disposition(filename)

    assert header.isascii()
    assert header.isprintable()
    message = email.message.Message()
    message["Content-Disposition"] = header
    assert {name for name, _ in message.get_params(header="Content-Disposition") or []} <= {
        "attachment",
        "filename",
    }
    plain, _, encoded = header.partition("; filename*=UTF-8''")
    assert "/" not in unquote(encoded)
    assert plain.count('"') == 2
