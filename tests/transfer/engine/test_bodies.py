"""What an answer that cannot be read does to a job: rows J1 to J14 of the table of faults."""

import gzip
import json

import pytest
from tests.services.fault_proxy import edit, replace, truncate
from tests.transfer.engine.world import email, mega_row, once_each

from leadgateway.errors import BadResponse, LeadGatewayError

ALL = ["apollo_space", "mega", "novala", "v1_leads"]
LOGIN = b"<html><title>Please log in</title></html>"
GARBLED = {
    "J1 cut, with its length": truncate(),
    "J2 cut, without a length": truncate(length=False),
    "J4 a login page": replace(LOGIN, content_type="text/html"),
    "J5 a login page as JSON": replace(LOGIN),
    "J7 an unknown coding": replace(b"{}", content_encoding="br"),
    "J7 gzip cut short": replace(gzip.compress(b'{"a": 1}' * 9)[:-9], content_encoding="gzip"),
    "J8 a key twice": replace(b'{"id": "1", "id": "2"}'),
    "J8 no number": replace(b'{"id": NaN}'),
    "J8 UTF-16": replace('{"id": "1"}'.encode("utf-16")),
    "J8 nested": replace(b"[" * 100_000),
    "J10 null": replace(b"null"),
    "J10 a text": replace(b'"x"'),
    "J10 a list": replace(b"[]"),
    "J10 an empty object": replace(b"{}"),
    "J14 a charset that lies": replace(b'{"id": "\xe9"}', content_type="text/json; charset=utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("fault", GARBLED)
def test_a_write_whose_answer_cannot_be_read_is_settled_and_never_doubled(world, target, fault):
    here = world(target, 3)
    here.wire.on(GARBLED[fault])
    ended = here.run()
    assert ended.exit_code == 0, [row.reason for row in ended.rows]
    assert ended.counts == {"created": 3}
    assert here.arrived() == once_each(3)


def without_id(body):
    return json.dumps(json.loads(body) | {"id": None}).encode()


@pytest.mark.parametrize("target", ["apollo_space", "v1_leads"])
def test_j11_a_created_lead_without_an_id_is_in_doubt(world, target):
    here = world(target, 2)
    here.wire.on(edit(without_id))
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(2)


@pytest.mark.parametrize("fault", [f for f in GARBLED if f[:2] in {"J4", "J5", "J8", "J1"}])
def test_a_page_that_cannot_be_read_is_never_the_end_of_the_list(world, fault):
    here = world("novala", 3)
    here.from_wire.on(GARBLED[fault], "GET", times=None)
    ended = here.run()
    assert isinstance(ended.error, LeadGatewayError)
    assert ended.exit_code in {1, 75}
    assert ended.rows == ()
    here.from_wire.calm()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def test_j1_a_cut_page_is_read_again(world):
    here = world("novala", 3)
    here.from_wire.on(truncate(), "GET", times=2)
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)


def test_j3_an_empty_list_without_its_end_mark_is_not_the_end(world):
    here = world("novala", 3)
    here.from_wire.on(replace(b'{"leads": []}'), "GET")
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert "next_cursor is missing" in str(ended.error) or "total is missing" in str(ended.error)


def test_j4_a_login_page_is_named_and_not_quoted(world):
    here = world("novala", 3)
    here.from_wire.on(replace(LOGIN, content_type="text/html"), "GET")
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert f"text/html, {len(LOGIN)} bytes" in str(ended.error)
    assert "log in" not in str(ended.error)


def test_j6_an_endless_answer_is_cut_off(world):
    here = world("novala", 3)
    bomb = gzip.compress(b"\0" * (17 * 1024 * 1024))
    here.from_wire.on(replace(bomb, content_encoding="gzip"), "GET")
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert ended.exit_code == 1


@pytest.mark.parametrize("number", ["18446744073709551617", "9007199254740993"])
def test_j9_an_id_that_is_a_number_keeps_every_digit(world, number):
    here = world("v1_leads", 1)
    here.wire.on(edit(lambda body: body.replace(_id_of(body), number.encode())))
    ended = here.run()
    assert ended.exit_code == 0
    assert ended.rows[0].target_id == number


def _id_of(body):
    return json.dumps(json.loads(body)["id"]).encode()


def test_j12_fields_nobody_knows_are_kept_and_do_no_harm(world):
    here = world("novala")
    here.load([mega_row(0)])

    def more(body):
        page = json.loads(body)
        page["leads"][0]["shoe_size"] = 46
        return json.dumps(page).encode()

    here.from_wire.on(edit(more), "GET")
    ended = here.run()
    assert ended.exit_code == 0
    assert '"shoe_size":46' in ended.rows[0].payload.replace(" ", "")
    assert here.arrived() == {email(0): 1}


@pytest.mark.parametrize("wrong", [{"total": None}, {"next_cursor": 5}, {"leads": {}}])
def test_j13_a_wrong_type_is_named_with_its_path(world, wrong):
    here = world("novala", 1)
    spoil = edit(lambda body: json.dumps(json.loads(body) | wrong).encode())
    here.from_wire.on(spoil, "GET")
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert next(iter(wrong)) in str(ended.error)
