"""Requests, answers and documents as values: what they show, what they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import BadResponse, MappingError, OutcomeUnknown
from leadgateway.exchange import Document, Effect, Interrupted, Request, Response, segment
from leadgateway.json_text import ObjectText, with_member


def response(body=b"{}", effect=Effect.READ, status=200, content_type="application/json"):
    request = Request("GET", "https://v.example/leads/canary", effect=effect)
    return Response(status, (("content-type", content_type),), body, request)


def document(body):
    return response(body).document()


def test_headers_are_found_whatever_their_case():
    request = Request("GET", "https://v.example/").with_header("X-Key", "1").with_header("x", "2")
    assert request.headers == (("x-key", "1"), ("x", "2"))
    assert request.header("x-KEY") == "1"
    assert request.header("y") is None
    assert response().header("Content-Type") == "application/json"
    assert response().header("y") is None


def test_nothing_secret_is_shown():
    request = Request(
        "POST",
        "https://user:secret@v.example/leads",
        (("email", "secret"),),
        (("authorization", "secret"),),
        b"secret",
        Effect.ONCE,
    )
    assert repr(request) == "<Request POST /leads 6 bytes once>"
    answer = Response(500, (("x", "secret"),), b"secret", request)
    assert repr(answer) == "<Response 500 6 bytes to <Request POST /leads 6 bytes once>>"
    assert "secret" not in repr(Document({"a": "secret"}, answer, ""))


@pytest.mark.parametrize(
    ("effect", "error"),
    [(Effect.READ, BadResponse), (Effect.KEYED, OutcomeUnknown), (Effect.ONCE, OutcomeUnknown)],
)
@pytest.mark.parametrize("body", [b"", b"{", b"null", b'"x"', b"[]", b"1", b"<html>canary</html>"])
def test_an_answer_that_is_no_object_is_bad_or_unknown(effect, error, body):
    with pytest.raises(error) as caught:
        response(body, effect).document()
    assert caught.value.status == 200
    assert "canary" not in str(caught.value)


def test_an_unreadable_answer_says_what_it_was():
    with pytest.raises(BadResponse, match="text/html, 48 bytes: "):
        response(b"<" * 48, content_type="text/html; charset=utf-8").document()
    with pytest.raises(BadResponse, match="no content type, 1 bytes"):
        Response(200, (), b"<", response().request).document()


def test_json_under_another_label_is_read():
    assert response(b'{"a":1}', content_type="text/plain").document().get("a") == 1


def test_values_are_taken_by_type():
    found = document(b'{"a":1,"b":true,"c":null,"d":"x","e":1.5,"f":{"g":{"h":2}}}')
    assert found.take("a", int) == 1
    assert found.take("b", bool) is True
    assert found.take("c", str, type(None)) is None
    assert found.get("missing") is None
    assert found.object("f").object("g").take("h", int) == 2
    for key, kinds, says in [
        ("z", (int,), "z is missing"),
        ("a", (str,), "a is int"),
        ("b", (int,), "b is bool"),
        ("c", (str,), "c is NoneType"),
        ("e", (int,), "e is float"),
    ]:
        with pytest.raises(BadResponse, match=says):
            found.take(key, *kinds)


def test_a_path_names_the_place():
    found = document(b'{"data":{"rows":[{"id":1},{"id":true}]},"list":[1],"no":{}}')
    rows = found.object("data").objects("rows")
    assert rows[0].identifier("id") == "1"
    with pytest.raises(BadResponse, match=r"data\.rows\[1\]\.id is bool"):
        rows[1].identifier("id")
    with pytest.raises(BadResponse, match=r"list\[0\] is no object"):
        found.objects("list")
    with pytest.raises(BadResponse, match="no is FrozenDict"):
        found.objects("no")
    with pytest.raises(BadResponse, match="list is tuple"):
        found.object("list")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"id":"l_1"}', "l_1"),
        (b'{"id":18446744073709551617}', "18446744073709551617"),
        (b'{"id":9007199254740993}', "9007199254740993"),
    ],
)
def test_an_identifier_keeps_every_digit(body, found):
    assert document(body).identifier("id") == found


@pytest.mark.parametrize("body", [b'{"id":""}', b'{"id":null}', b'{"id":1.0}', b"{}"])
def test_what_is_no_identifier_is_refused(body):
    with pytest.raises(BadResponse, match="id"):
        document(body).identifier("id")


def test_a_cursor_must_be_there():
    assert document(b'{"next_cursor":"abc"}').cursor("next_cursor") == "abc"
    assert document(b'{"next_cursor":null}').cursor("next_cursor") is None
    with pytest.raises(BadResponse, match="next_cursor is empty"):
        document(b'{"next_cursor":""}').cursor("next_cursor")
    with pytest.raises(BadResponse, match="next_cursor is missing"):
        document(b'{"leads":[]}').cursor("next_cursor")
    with pytest.raises(BadResponse, match="next_cursor is int"):
        document(b'{"next_cursor":1}').cursor("next_cursor")


@pytest.mark.parametrize(
    ("identifier", "written"),
    [
        ("../../admin", "..%2F..%2Fadmin"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("%2e%2e", "%252e%252e"),
        ("é\n", "%C3%A9%0A"),
        ("a.b-c_d~e", "a.b-c_d~e"),
    ],
)
def test_an_identifier_is_one_segment(identifier, written):
    assert segment(identifier) == written


@pytest.mark.parametrize("identifier", ["", ".", "..", "\ud800"])
def test_what_is_no_segment_is_refused(identifier):
    with pytest.raises(MappingError, match="not_an_identifier"):
        segment(identifier)


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_a_segment_holds_nothing_that_ends_it(identifier):
    try:
        written = segment(identifier)
    except MappingError:
        assert not identifier.isascii()
        return
    assert not set(written) & set("/?#\\ \r\n")
    assert written.isascii()


def test_an_interruption_says_whether_anything_left():
    error = Interrupted("no connection", sent=False)
    assert (error.reason, error.sent, str(error)) == ("no connection", False, "no connection")


def test_an_object_is_one_more_member_longer() -> None:
    assert with_member(b"{}", "ref", "1") == b'{"ref":"1"}'
    assert with_member(b'{"a":[1]}', "ref", '"') == b'{"a":[1],"ref":"\\""}'


def test_an_object_that_is_text_reads_like_any_other() -> None:
    held = ObjectText(b'{"a":1,"b":null}')
    assert dict(held) == {"a": 1, "b": None}
    assert len(held) == 2
    assert held["a"] == 1
