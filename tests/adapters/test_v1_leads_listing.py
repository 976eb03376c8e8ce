"""Listing v1 leads: filters, pages, and answers outside the documents."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import query, talk, utc
from tests.adapters.v1_leads_account import (
    CURSOR,
    ROOT,
    ROW,
    v1,
)

from leadgateway.adapter import LeadQuery
from leadgateway.errors import (
    BadResponse,
    ConfigError,
)
from leadgateway.exchange import Effect


def listed(query_: LeadQuery, *rows: object, cursor: object = None) -> Any:
    body = {"data": list(rows), "next_cursor": cursor}
    return talk(v1().list_page(query_, None), (200, body))


def test_a_list_asks_for_the_largest_page() -> None:
    request = next(v1().list_page(LeadQuery(), None))
    assert (request.method, request.url, request.effect) == ("GET", f"{ROOT}/leads", Effect.READ)
    assert query(request) == {"limit": "200"}


def test_every_filter_is_named_as_documented() -> None:
    asked = LeadQuery(
        stage="site visit",
        source="google_ads",
        created_since=utc("2031-05-06T09:08:09.010999+02:00"),
        created_until=utc("2031-05-07T00:00:00+00:00"),
        page_size=7,
    )
    assert query(next(v1().list_page(asked, CURSOR))) == {
        "pipeline_stage": "site visit",
        "source": "google_ads",
        "start_at": "2031-05-06T07:08:09.010Z",
        "end_at": "2031-05-07T00:00:00.000Z",
        "limit": "7",
        "cursor": CURSOR,
    }


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (LeadQuery(status="qualified"), {"pipeline_stage": "qualified"}),
        (LeadQuery(status="won"), {"pipeline_stage": "won"}),
        (LeadQuery(status="lost"), {"pipeline_stage": "lost"}),
        (LeadQuery(status="converted"), {}),
        (LeadQuery(status="unknown"), {}),
        (LeadQuery(status="new", stage="new"), {"pipeline_stage": "new"}),
        (LeadQuery(status="converted", stage="won"), {"pipeline_stage": "won"}),
        (LeadQuery(source="website"), {"source": "website"}),
        (LeadQuery(source="yard_sign"), {"source": "yard_sign"}),
        (LeadQuery(source="paid_search"), {}),
        (LeadQuery(source="other"), {}),
    ],
)
def test_a_filter_is_sent_where_one_word_says_it(asked: LeadQuery, sent: dict[str, str]) -> None:
    assert query(next(v1().list_page(asked, None))) == {"limit": "200", **sent}


def test_a_value_of_several_words_is_picked_from_all_leads() -> None:
    rows = [
        {**ROW, "id": str(n), "source": source, "pipeline_stage": stage}
        for n, (source, stage) in enumerate(
            [("google_ads", "won"), ("paid_search", "converted"), ("website", "new"), (None, None)]
        )
    ]
    found, _ = listed(LeadQuery(source="paid_search"), *rows, cursor="on")
    assert [lead.raw["id"] for lead in found.leads] == ["0", "1"]
    assert found.next_cursor == "on"
    found, _ = listed(LeadQuery(status="converted"), *rows)
    assert [lead.raw["id"] for lead in found.leads] == ["0", "1"]
    found, _ = listed(LeadQuery(), *rows)
    assert len(found.leads) == 4


def test_a_mapped_word_counts_among_the_words_of_a_value() -> None:
    adapter = v1(status_map={"closed": "lost"})
    assert "pipeline_stage" not in query(next(adapter.list_page(LeadQuery(status="lost"), None)))


@pytest.mark.parametrize("name", ["created_since", "created_until"])
def test_a_time_outside_the_calendar_is_refused_before_any_request(name: str) -> None:
    asked = LeadQuery(**{name: utc("0001-01-01T00:00+14:00")})
    with pytest.raises(ConfigError, match=f"{name}: lies outside the calendar"):
        next(v1().list_page(asked, None))


def test_changes_since_a_time_outside_the_calendar_are_refused() -> None:
    with pytest.raises(ConfigError, match="since: lies outside the calendar"):
        next(v1().changes_page(utc("0001-01-01T00:00+14:00"), None))


def test_two_different_texts_for_the_one_field_are_refused() -> None:
    with pytest.raises(ConfigError, match="status, stage"):
        next(v1().list_page(LeadQuery(status="new", stage="won"), None))


def test_the_documented_list_reads_and_goes_on() -> None:
    found, _ = listed(LeadQuery(), ROW, cursor=CURSOR)
    assert found.leads == (v1().lead(ROW),)
    assert (found.next_cursor, found.total) == (CURSOR, None)
    end, _ = listed(LeadQuery())
    assert (end.leads, end.next_cursor) == ((), None)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"data": []}, "next_cursor is missing"),
        ({"next_cursor": None}, "data is missing"),
        ({"data": {}, "next_cursor": None}, "data is FrozenDict"),
        ({"data": [{}], "next_cursor": None}, r"data\[0\]\.id is missing"),
        ({"data": [], "next_cursor": 7}, "next_cursor is int"),
        (b"<html>", "application/json, 6 bytes"),
        (None, "a JSON object is wanted"),
    ],
)
def test_an_answer_outside_the_documents_is_never_the_end_of_the_list(
    body: object, what: str
) -> None:
    with pytest.raises(BadResponse, match=what):
        talk(v1().list_page(LeadQuery(), None), (200, body))
