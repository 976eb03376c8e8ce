"""MEGA's adapter: what it asks for when it lists, and how a list is walked to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.adapters.conversation import query
from tests.adapters.mega_account import LEADS, SAMPLE, STAGE, answer, ask, mega, page, refused

from leadgateway.adapter import LeadQuery
from leadgateway.errors import BadResponse, ConfigError, CursorError
from leadgateway_mega.adapter import Mega


def test_a_plain_list_asks_for_everything_there_is() -> None:
    request = ask(mega().list_page(LeadQuery(), None))
    assert (request.method, request.url, request.bucket) == ("GET", LEADS, "default")
    assert query(request) == {
        "sort_by": "updated_at",
        "sort_dir": "asc",
        "include_custom_fields": "true",
        "limit": "100",
    }


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (LeadQuery(status="won"), {"status": "won"}),
        (LeadQuery(status="converted"), {"status": "won"}),
        (LeadQuery(status="nurturing"), {"status": "nurture"}),
        (LeadQuery(stage=STAGE.upper()), {"stageId": STAGE}),
        (LeadQuery(search="(312) 555-0177"), {"search": "(312) 555-0177"}),
        (LeadQuery(line="seller"), {"lead_line": "seller"}),
        (
            LeadQuery(created_since=datetime(2026, 7, 4, 9, 0, 0, 123999, tzinfo=UTC)),
            {"created_since": "2026-07-04T09:00:00.123Z"},
        ),
        (
            LeadQuery(updated_since=datetime(2026, 7, 4, tzinfo=timezone(timedelta(hours=3)))),
            {"updated_since": "2026-07-03T21:00:00.000Z"},
        ),
        (LeadQuery(sort_by="created_at"), {"sort_by": "created_at", "sort_dir": "asc"}),
        (LeadQuery(descending=True), {"sort_by": "updated_at", "sort_dir": "desc"}),
        (
            LeadQuery(sort_by="last_interaction_at"),
            {"sort_by": "last_interaction_at", "offset": "0"},
        ),
        (LeadQuery(page_size=7), {"limit": "7"}),
    ],
)
def test_each_filter_and_sort_has_its_parameter(asked: LeadQuery, sent: dict[str, str]) -> None:
    params = query(ask(mega().list_page(asked, None)))
    assert sent.items() <= params.items()
    plain = {"sort_by", "sort_dir", "include_custom_fields", "limit"}
    assert params.keys() == plain | sent.keys()


def test_every_filter_of_the_query_is_declared_and_no_other() -> None:
    assert LeadQuery(
        status="won", stage=STAGE, line="buyer", search="x",
        created_since=datetime.now(UTC), updated_since=datetime.now(UTC),
    ).filters == Mega.capabilities.filters  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (LeadQuery(status="qualified"), "status"),
        (LeadQuery(stage="new"), "stage"),
        (LeadQuery(line="landlord"), "line"),
        (
            LeadQuery(created_since=datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))),
            "created",
        ),
    ],
)
def test_a_filter_value_that_mega_cannot_take_is_refused_before_any_request(
    asked: LeadQuery, named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        next(mega().list_page(asked, None))


def test_a_status_of_the_connections_own_map_may_be_filtered_by() -> None:
    adapter = mega(status_map={"snoozed": "nurturing"})
    assert query(ask(adapter.list_page(LeadQuery(status="snoozed"), None)))["status"] == "snoozed"


def test_a_status_that_mega_does_not_name_is_sent_as_it_is() -> None:
    """Its filter is free text: dev.gomega.ai/openapi.json."""
    found = query(ask(mega().list_page(LeadQuery(status="snoozed"), None)))
    assert found["status"] == "snoozed"


def test_a_status_of_several_words_is_picked_from_all_leads_and_their_number_is_not_told() -> None:
    adapter = mega(status_map={"snoozed": "nurturing"})
    rows = [{**SAMPLE, "status": word} for word in ("nurture", "won", "snoozed")]
    flow = adapter.list_page(LeadQuery(status="nurturing"), None)
    assert "status" not in query(ask(flow))
    flow = adapter.list_page(LeadQuery(status="nurturing"), None)
    found = answer(flow, 200, page(*rows, cursor="c", total=9))
    assert [lead.status.native for lead in found.leads] == ["nurture", "snoozed"]
    assert (found.total, found.rows) == (None, 3)


def test_a_cursor_goes_on_under_its_own_sort() -> None:
    adapter, asked = mega(), LeadQuery(sort_by="created_at", descending=True)
    found = answer(adapter.list_page(asked, None), 200, page(SAMPLE, cursor="a:b&c=", total=9))
    params = query(ask(adapter.list_page(asked, found.next_cursor)))
    assert params["cursor"] == "a:b&c="
    assert (params["sort_by"], params["sort_dir"]) == ("created_at", "desc")
    assert "offset" not in params


@pytest.mark.parametrize(
    "other", [LeadQuery(sort_by="created_at"), LeadQuery(descending=True), LeadQuery()]
)
def test_a_cursor_under_another_sort_is_refused_before_any_request(other: LeadQuery) -> None:
    adapter, asked = mega(), LeadQuery(sort_by="created_at", descending=True)
    cursor = answer(adapter.list_page(asked, None), 200, page(SAMPLE, cursor="c")).next_cursor
    with pytest.raises(CursorError, match="another sort"):
        next(adapter.list_page(other, cursor))


@pytest.mark.parametrize("cursor", ["eyJpZCI6MX0=", "updated_at.asc:", ":x"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        next(mega().list_page(LeadQuery(), cursor))


BY_INTERACTION = LeadQuery(sort_by="last_interaction_at", page_size=1)


def test_where_there_is_no_cursor_the_list_is_walked_by_offset() -> None:
    adapter = mega()
    first = answer(adapter.list_page(BY_INTERACTION, None), 200, page(SAMPLE, total=2))
    flow = adapter.list_page(BY_INTERACTION, first.next_cursor)
    params = query(ask(flow))
    assert (params["offset"], "cursor" in params) == ("1", False)
    flow = adapter.list_page(BY_INTERACTION, first.next_cursor)
    last = answer(flow, 200, page(SAMPLE, total=2, offset=1))
    assert last.next_cursor is None


def test_a_list_that_grew_while_it_was_read_by_offset_is_not_trusted() -> None:
    adapter = mega()
    first = answer(adapter.list_page(BY_INTERACTION, None), 200, page(SAMPLE, total=2))
    flow = adapter.list_page(BY_INTERACTION, first.next_cursor)
    error = refused(CursorError, flow, 200, page(SAMPLE, total=3, offset=1))
    assert "from 2 to 3" in str(error)


@pytest.mark.parametrize("body", [page(total=2), page(SAMPLE, total=2, offset=1)])
def test_an_offset_walk_that_stands_still_or_elsewhere_is_refused(body: dict[str, Any]) -> None:
    refused(BadResponse, mega().list_page(BY_INTERACTION, None), 200, body)


@pytest.mark.parametrize("mark", ["x,2", "1", "1,٣", f"{'9' * 13},1"])
def test_a_damaged_offset_cursor_is_refused(mark: str) -> None:
    with pytest.raises(CursorError, match="offset"):
        next(mega().list_page(BY_INTERACTION, f"last_interaction_at.asc:{mark}"))


@pytest.mark.parametrize("missing", ["leads", "total", "next_cursor"])
def test_a_list_without_its_required_keys_is_never_the_end_of_the_data(missing: str) -> None:
    body = {key: value for key, value in page(SAMPLE).items() if key != missing}
    refused(BadResponse, mega().list_page(LeadQuery(), None), 200, body)


@pytest.mark.parametrize("body", [b"<html>", b"null", b'"x"', b"[]", {"leads": [1]}])
def test_a_list_that_is_no_list_is_outside_the_documents(body: Any) -> None:
    refused(BadResponse, mega().list_page(LeadQuery(), None), 200, body)
