"""Bytes to lines to records: every encoding, every line end, however the bytes arrive."""

import csv
import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import ConfigError
from leadgateway.files.encoding import Encoding, check_encoding, encoding_of, lines
from leadgateway.files.places import TOP, Place
from leadgateway.files.records import delimiter_of, records

UTF8 = Encoding("utf-8")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "cp932", "gb18030")
CELLS = st.text(st.sampled_from('ab ,;"\r\n\té漢\U0001f600\x00\x0b\u2028\u0a0d\u0d0a'), max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6)


def written(rows, end="\r\n"):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return buffer.getvalue()


def cells(data, encoding=UTF8, delimiter=",", *, at_end=True):
    found = records(data, TOP, encoding, delimiter, at_end=at_end)
    return [list(each.cells) if each.cells is not None else each.text for each in found]


@given(ROWS, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]), st.sampled_from(["\r\n", "\n"]))
def test_rows_are_read_back_as_written(rows, name, end):
    data = written(rows, end).encode(name)
    assert cells(data, Encoding(name)) == rows


@given(ROWS, st.sampled_from(["utf-8", "utf-16-le"]), st.integers(0, 80))
def test_half_a_file_gives_the_same_records_and_no_other(rows, name, cut):
    encoding = Encoding(name)
    data = written(rows).encode(name)
    whole = list(records(data, TOP, encoding, ",", at_end=True))
    half = data[: cut * len("a".encode(name))]
    early = list(records(half, TOP, encoding, ",", at_end=False))
    assert early == whole[: len(early)]
    place = early[-1].end if early else TOP
    late = list(records(data[place.offset :], place, encoding, ",", at_end=True))
    assert early + late == whole


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_have_numbers_and_offsets_in_every_encoding(name, end):
    texts = [f"a{end}", f'"b{end}', f'c"{end}', "d"]
    data = "".join(texts).encode(name)
    found = list(lines(data, TOP, Encoding(name), at_end=True))
    assert [line.data.decode(name) for line in found] == texts
    assert [line.start.line for line in found] == [1, 2, 3, 4]
    assert [line.start for line in found[1:]] == [line.end for line in found[:-1]]
    assert found[-1].end == Place(len(data), 5)


def test_a_return_at_the_end_of_what_is_known_may_be_half_a_line_end():
    assert [x.data for x in lines(b"a\r\nb\r", TOP, UTF8, at_end=False)] == [b"a\r\n"]
    assert [x.data for x in lines(b"a\r\nb\r", TOP, UTF8, at_end=True)] == [b"a\r\n", b"b\r"]


def test_letters_that_look_like_line_ends_in_two_bytes_are_letters():
    text = "\u0a0d\u0d0a\u0a00\u0d00\u000a\u0a0a\n"
    for name in ("utf-16-le", "utf-16-be"):
        found = lines(text.encode(name), TOP, Encoding(name), at_end=True)
        assert [line.data.decode(name) for line in found] == text.splitlines(keepends=True)


def test_a_record_of_many_lines_begins_at_its_first():
    found = list(records(b'a,"x\ny\nz"\nb,c\n', TOP, UTF8, ",", at_end=True))
    assert [(each.start.line, each.cells) for each in found] == [
        (1, ("a", "x\ny\nz")),
        (4, ("b", "c")),
    ]


@pytest.mark.parametrize("broken", ['"open,b', '"in "side",b', '"after"x,b'])
def test_a_broken_quote_costs_its_line_only(broken):
    data = f'a,b\n{broken}\nc,d\n"e\nf",g\n'.encode()
    assert cells(data) == [["a", "b"], broken, ["c", "d"], ["e\nf", "g"]]


def test_a_quote_that_is_closed_too_late_costs_its_line_only():
    data = b'a,"' + b"x" * 10 + b"\n" + b"b,c\n" * 40_000
    found = list(islice(records(data, TOP, UTF8, ",", at_end=True), 3))
    assert [each.cells for each in found] == [None, ("b", "c"), ("b", "c")]
    assert found[0].text == 'a,"xxxxxxxxxx'


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("name;email\n", ";"),
        ("name\temail\n", "\t"),
        ("name|email\n", "|"),
        ("name,email\n", ","),
        ('"Name, full";email;phone\n', ";"),
        ("\n\nname;email\n", ";"),
        ("name\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_told_from_the_header(head, delimiter):
    assert delimiter_of(head.encode(), TOP, UTF8, at_end=True) == delimiter


@pytest.mark.parametrize(
    ("data", "name", "mark"),
    [
        (b"\xef\xbb\xbfa", "utf-8", 3),
        ("\ufeffa".encode("utf-16-le"), "utf-16-le", 2),
        ("\ufeffa".encode("utf-16-be"), "utf-16-be", 2),
        (b"a", "latin-1", 0),
    ],
)
def test_a_mark_wins_over_the_setting(data, name, mark):
    assert encoding_of(data, "latin-1") == Encoding(name, mark)


def test_utf_32_is_refused_by_name():
    with pytest.raises(ConfigError, match="UTF-32"):
        encoding_of("\ufeffa".encode("utf-32-le"), "utf-8")


@pytest.mark.parametrize("name", ["utf-32", "cp037", "rot13", "hex", "no-such", "utf-7-x", 7, ""])
def test_an_encoding_that_is_not_read_by_lines_is_refused(name):
    with pytest.raises(ConfigError, match="encoding"):
        check_encoding(name)


def test_names_of_encodings_become_the_codecs_own():
    assert check_encoding("LATIN-1") == "iso8859-1"
    assert check_encoding("UTF-16") == "utf-16-le"


def test_a_byte_that_is_no_text_is_named_with_its_line():
    with pytest.raises(ConfigError, match=r"line 3 .* not utf-8"):
        cells(b"a\nb\n\xe9\n")
