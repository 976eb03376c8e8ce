"""The guards by themselves: bodies in any cut, redirects as a dialogue."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.drivers.guards import Body, Breach, exchange, head, interrupted
from leadgateway.drivers.heads import Heads
from leadgateway.errors import BadResponse, ConfigError
from leadgateway.exchange import Request, Response

REQUEST = Request("GET", "https://vendor.example/leads")


def pack(data, coding):
    if coding == "gzip":
        return gzip.compress(data)
    if coding == "members":
        return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])
    if coding == "deflate":
        return zlib.compress(data)
    return data


def gathered(raw, coding, cuts=(), limit=10_000_000):
    name = {"members": "gzip"}.get(coding, coding)
    body = Body((("content-encoding", name),), limit)
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    for start, end in pairwise(edges):
        body.feed(raw[start:end])
    return body.finish()


@given(
    st.binary(max_size=3000),
    st.sampled_from(["identity", "gzip", "members", "deflate"]),
    st.lists(st.integers(0, 3000), max_size=6),
)
def test_a_body_is_the_same_in_any_cut(data, coding, cuts):
    assert gathered(pack(data, coding), coding, cuts) == data


@given(st.binary(min_size=1, max_size=2000), st.data())
def test_a_compressed_body_cut_anywhere_is_a_breach(data, draw):
    raw = gzip.compress(data)
    end = draw.draw(st.integers(1, len(raw) - 1))
    with pytest.raises(Breach, match="cut short"):
        gathered(raw[:end], "gzip")


@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
def test_the_limit_is_the_last_size_that_passes(coding):
    data = bytes(600_000)
    raw = pack(data, coding)
    assert gathered(raw, coding, limit=600_000) == data
    with pytest.raises(Breach, match="more than 599999 bytes"):
        gathered(raw, coding, limit=599_999)


def test_output_that_the_decoder_holds_back_is_not_lost():
    data = bytes(256 * 1024 * 3 + 7)
    assert gathered(gzip.compress(data), "gzip") == data
    assert gathered(gzip.compress(data), "gzip", range(0, 900, 7)) == data


def test_an_empty_body_under_a_coding_is_empty():
    assert gathered(b"", "gzip") == b""


def test_codings_in_two_headers_are_two_codings():
    with pytest.raises(Breach):
        Body((("content-encoding", "gzip"), ("content-encoding", "gzip")), 10)


def test_headers_come_in_lower_case_and_not_without_end():
    assert head([(b"X-Id", b"\xe9")]) == (("x-id", "é"),)
    assert len(head([(b"a", b"1")] * 256)) == 256
    with pytest.raises(Breach, match="more than 256 headers"):
        head([(b"a", b"1")] * 257)


@pytest.mark.parametrize("method", ["", "get", "GET ", "G\r\nET", "ПОСТ", "GET1"])
def test_a_method_is_a_word_in_capitals(method):
    with pytest.raises(ConfigError):
        Heads().of(Request(method, REQUEST.url))


def test_given_headers_win_over_ours():
    headers = Heads().of(REQUEST.with_header("Accept", "text/csv")).headers
    assert [value for name, value in headers if name == "accept"] == ["text/csv"]


def redirect(location):
    return Response(307, (("location", location),), b"", REQUEST)


def test_a_dialogue_follows_three_redirects_and_no_more():
    steps = exchange(REQUEST, REQUEST.url)
    assert next(steps) == REQUEST.url
    assert steps.send(redirect("/1?page=2#part")) == "https://vendor.example/1?page=2"
    assert steps.send(redirect("2")) == "https://vendor.example/2"
    assert steps.send(redirect("//vendor.example:443/3")) == "https://vendor.example:443/3"
    with pytest.raises(BadResponse, match="more than 3 redirects"):
        steps.send(redirect("/4"))


def test_of_an_error_only_its_class_is_told():
    error = interrupted(OSError("secret"), sent=True, deadline=60)
    assert str(error) == "no complete answer (OSError)"
    assert str(interrupted(OSError("secret"), sent=False, deadline=60)) == "no connection (OSError)"
    assert str(interrupted(TimeoutError(), sent=True, deadline=1.5)) == (
        "no complete answer within 1.5 seconds"
    )
