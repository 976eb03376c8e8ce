"""Reading JSON strictly and writing it back: every digit kept, every fault a `ValueError`."""

import copy
import json
import pickle
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadgateway.frozen import FrozenDict, freeze, from_portable, to_portable
from leadgateway.json_text import DEEPEST, _thoroughly, dumps, loads

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)


def nested(scalars):
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
        max_leaves=20,
    )


JSON = nested(SCALARS | DECIMALS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "x"]}', {"a": (1, 2.5, None, True, "x")}),
        (b" \t\r\n[ ]\n", ()),
        (b'"\\ud83d\\ude00 \\u00e9 \\\\ud800"', "\U0001f600 é \\ud800"),
        (b"18446744073709551617", 18446744073709551617),
        (b"9007199254740993", 9007199254740993),
        (b"-9223372036854775809", -9223372036854775809),
        (b"1" * 4000, int("1" * 4000)),
        (b"1999.99", 1999.99),
        (b"1.50", Decimal("1.50")),
        (b"0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        (b"1e2", 100.0),
        (b"1.0e2", 100.0),
        (b"1.10e2", Decimal("1.10e2")),
        (b"0.00001", 0.00001),
        (b"1.192092896e-7", 1.192092896e-07),
        (b"1.1920928960000000000001E-7", Decimal("1.1920928960000000000001E-7")),
        (b"1e-400", Decimal("1e-400")),
        (b'""', ""),
        (b'{"":0}', {"": 0}),
        (b'"\\u0000"', "\x00"),
    ],
)
def test_json_is_read_with_every_digit(text, value):
    found = loads(text)
    assert found == value
    assert type(found) is (FrozenDict if isinstance(value, dict) else type(value))


def test_minus_zero_keeps_its_sign():
    assert str(loads(b"-0")) == "-0.0"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b'{"a":1,}',
        b"[1 2]",
        b"{} {}",
        b"{a:1}",
        b"{'a':1}",
        b"[01]",
        b"[1.]",
        b"[.5]",
        b"[+1]",
        b"[-]",
        b"[1e]",
        b"[0x1]",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"[-1e999]",
        b"[1e-99999999999999999999]",
        b"[0e99999999999999999999]",
        b"[True]",
        b"[nul]",
        b'["a\nb"]',
        b'["\\x41"]',
        b'["\\u12"]',
        b'["\\ud800"]',
        b'{"\\uDFFF":1}',
        b'["\\ud800\\ud800"]',
        b'["\xed\xa0\x80"]',
        b'["\xff"]',
        b'["caf\xe9"]',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'[{"x":{"k":1,"k":2}}]',
        b"[1]//",
        b"/* */1",
        b"\xe2\x80\xa81",
        b"[\xd9\xa3]",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 500 + b"]" * 500,
        b"[" * 980 + b"]" * 980,
        b'[{"a":' * 101 + b"1" + b"}]" * 101,
        b"9" * 5000,
        b"1." + b"1" * 50 + b"e9" * 2,
        b"<html></html>",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_everything_else_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        loads(text)


def test_nesting_up_to_the_limit_is_read_and_written():
    text = b"[" * DEEPEST + b"]" * DEEPEST
    assert dumps(loads(text)) == text
    wide = b"[" + b",".join([b"[{}]"] * 1000) + b"]"
    assert dumps(loads(wide)) == wide


def read_by(read, text):
    try:
        return read(text)
    except ValueError as error:
        return str(error)


def kinds_in(value):
    if isinstance(value, dict):
        return [type(value), *((key, kinds_in(item)) for key, item in value.items())]
    return [type(value), *map(kinds_in, value)] if isinstance(value, tuple | list) else type(value)


@given(nested(SCALARS))
def test_what_is_plain_is_read_at_sight_as_it_is_read_thoroughly(value):
    text = dumps(value)
    found, wanted = loads(text), _thoroughly(text)
    assert found == wanted
    assert kinds_in(found) == kinds_in(wanted)


@given(st.lists(st.booleans(), min_size=DEEPEST - 2, max_size=DEEPEST + 2), nested(SCALARS))
def test_how_deep_is_too_deep_does_not_depend_on_how_it_is_read(objects, inmost):
    text = dumps(inmost)
    for is_object in objects:
        text = b'{"a":%b,"b":[]}' % text if is_object else b"[1,%b]" % text
    assert read_by(loads, text) == read_by(_thoroughly, text)


@given(st.binary(max_size=200))
@example(b"\x00")
def test_bytes_are_read_or_refused_never_worse(data):
    try:
        loads(data)
    except ValueError:
        return


@given(st.text(alphabet='[]{}",:0123456789.eE+-truefalsnu\\ ', max_size=60))
def test_what_is_read_is_what_the_standard_library_reads(text):
    try:
        value = loads(text.encode())
    except ValueError:
        return
    assert value == freeze(json.loads(text))


@given(nested(SCALARS))
def test_what_is_written_is_read_back(value):
    assert loads(dumps(value)) == freeze(value)


@given(DECIMALS)
def test_a_decimal_keeps_its_value(value):
    assert Decimal(str(loads(dumps(value)))) == value


@given(JSON)
def test_what_is_read_is_frozen_and_writes_the_same(value):
    once = loads(dumps(value))
    assert dumps(once) == dumps(loads(dumps(once)))
    assert pickle.loads(pickle.dumps(once)) == once  # noqa: S301 - our own bytes
    assert copy.deepcopy(once) == once


def test_numbers_are_written_digit_for_digit():
    value = {"id": 2**70, "more": [-(2**80), True, None], "price": Decimal("1.10")}
    assert dumps(value) == (
        b'{"id":1180591620717411303424,"more":[-1208925819614629174706176,true,null],"price":1.10}'
    )
    assert dumps(MappingProxyType({"a": MappingProxyType({"b": 2**64})})) == (
        b'{"a":{"b":18446744073709551616}}'
    )


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [1, {"a": (float("inf"),)}],
        {"a": None, "b": float("-inf")},
        Decimal("NaN"),
        Decimal("Infinity"),
        {1: 2},
        object(),
        b"bytes",
        {1, 2},
        "\ud800",
        [2**70, object()],
    ],
    ids=repr,
)
def test_what_has_no_json_form_is_a_type_error(value):
    with pytest.raises(TypeError):
        dumps(value)


def test_null_is_written_as_null():
    assert dumps({"a": None, "b": [None, 1.5, "null"]}) == b'{"a":null,"b":[null,1.5,"null"]}'


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("a", 2),
        lambda d: d.__delitem__("a"),
        lambda d: d.clear(),
        lambda d: d.pop("a"),
        lambda d: d.popitem(),
        lambda d: d.setdefault("b", 1),
        lambda d: d.update(a=2),
        lambda d: d.__ior__({"a": 2}),
        lambda d: FrozenDict.fromkeys("ab"),
    ],
)
def test_a_frozen_mapping_refuses_every_change(change):
    frozen = FrozenDict(a=1)
    with pytest.raises(TypeError, match="frozen"):
        change(frozen)
    assert frozen == {"a": 1}


def test_frozen_values_are_values():
    frozen = freeze({"a": [1, {"b": [2]}], "c": (3,)})
    assert frozen == {"a": (1, {"b": (2,)}), "c": (3,)}
    assert freeze(frozen) is frozen
    assert copy.copy(frozen) is frozen
    assert copy.deepcopy(frozen) is frozen
    assert hash(frozen) == hash(freeze({"c": (3,), "a": (1, {"b": (2,)})}))
    assert {frozen: 1}[freeze({"a": [1, {"b": [2]}], "c": (3,)})] == 1
    assert isinstance(frozen["a"][1], FrozenDict)


@given(JSON)
@example({"$number": "12"})
@example({"$number": "abc"})
@example({"$$number": {"$number": Decimal(1)}})
@example({"$number": None})
@example({"number": 1})
@example({"$number": 1, "b": 2})
def test_portable_values_survive_json(value):
    portable = to_portable(value)
    found = from_portable(json.loads(json.dumps(portable)))
    assert found == freeze(value)
    assert dumps(found) == dumps(freeze(value))
    assert repr(found) == repr(freeze(value))


def test_a_tag_that_holds_no_number_is_left_alone():
    assert from_portable({"$number": "abc"}) == {"$number": "abc"}
    assert from_portable({"$number": 1}) == {"$number": 1}
