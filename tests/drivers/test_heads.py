"""A head that was kept says what it would say made anew, and no key is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.drivers.heads import Heads
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.exchange import Effect, Request

REQUEST = Request("POST", "https://vendor.example/leads", headers=(("accept", "text/csv"),))

WORDS = st.sampled_from(
    ["accept", "Accept", "x-tenant", "host", "x y", "é", "", " ", "a\r\nb", "b"]
)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)
REQUESTS = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "get", ""]),
    st.sampled_from([REQUEST.url, "https://vendor.example/a", "ftp://a/", "https://u@a/"]),
    PAIRS,
    PAIRS,
    st.sampled_from([None, b"{}"]),
    st.sampled_from(Effect),
)


def told(heads, request):
    try:
        return heads.of(request)
    except LeadGatewayError as error:
        return type(error), str(error)


@given(st.lists(REQUESTS, min_size=2, max_size=30))
def test_one_that_was_kept_is_the_one_that_is_made_anew(requests):
    heads = Heads()
    for request in requests:
        assert told(heads, request) == told(Heads(), request)


def test_the_lines_are_the_headers_as_they_are_sent():
    head = Heads().of(REQUEST)
    assert head.lines.split("\r\n") == [f"{name}: {value}" for name, value in head.headers]


@pytest.mark.parametrize("effect", Effect)
def test_what_is_alike_but_for_the_body_has_one_head_unless_it_has_a_key(effect):
    heads = Heads()
    first = heads.of(REQUEST._replace(body=b"1", effect=effect))
    again = heads.of(REQUEST._replace(body=b"2", effect=effect))
    assert first == again
    assert (first is again) is (effect is not Effect.KEYED)


def test_the_heads_of_many_requests_are_not_all_kept():
    heads = Heads()
    first = heads.of(REQUEST)
    for number in range(100):
        heads.of(REQUEST._replace(params=(("cursor", str(number)),)))
    assert heads.of(REQUEST) is not first


def test_parameters_and_headers_in_a_list_are_sent_all_the_same():
    listed = Request("GET", REQUEST.url, [("limit", "1")], [["accept", "text/csv"]])
    head = Heads().of(listed)
    assert head.address == "https://vendor.example/leads?limit=1"
    assert head.lines.startswith("accept: text/csv\r\n")


def test_a_fault_is_told_every_time():
    heads = Heads()
    for _ in range(2):
        with pytest.raises(ConfigError, match="The driver alone writes the header host"):
            heads.of(REQUEST.with_header("Host", "elsewhere"))
