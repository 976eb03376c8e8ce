"""The v1 leads audit log and health check, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import query, talk, utc
from tests.adapters.v1_leads_account import (
    AUDIT,
    LEAD_ID,
    ROOT,
    v1,
)

from leadgateway.adapter import Change
from leadgateway.errors import (
    AuthError,
    BadResponse,
)


def test_changes_are_the_updates_of_the_audit_log() -> None:
    flow = v1().changes_page(utc("2026-04-27T00:00:00+00:00"), "abc")
    found, (request,) = talk(flow, (200, {"data": [AUDIT], "next_cursor": "on"}))
    assert request.url == f"{ROOT}/audit-log"
    assert query(request) == {
        "action": "lead.updated",
        "start_at": "2026-04-27T00:00:00.000Z",
        "limit": "200",
        "cursor": "abc",
    }
    assert found.next_cursor == "on"
    assert found.changes == (
        Change(
            id=AUDIT["id"],
            lead_id=LEAD_ID,
            action="lead.updated",
            actor="api:k7e2c8a1-1",
            at=utc("2026-04-27T18:55:42.001+00:00"),
            diff={"lead_score": (87, 92), "industry": (None, "residential")},
            raw=found.changes[0].raw,
        ),
    )
    assert dict(found.changes[0].raw) == AUDIT


def test_all_changes_are_read_without_a_start() -> None:
    assert set(query(next(v1().changes_page(None, None)))) == {"action", "limit"}


@pytest.mark.parametrize(
    ("record", "actor", "lead_id", "at_known", "diff"),
    [
        ({"payload": None}, "api", None, True, {}),
        ({"payload": {"lead_id": 7, "diff": []}}, "api", None, True, {}),
        ({"source": None}, "k7e2c8a1-1", LEAD_ID, True, None),
        ({"source": None, "payload": {}}, None, None, True, {}),
        ({"created_at": "yesterday"}, "api:k7e2c8a1-1", LEAD_ID, False, None),
        ({"created_at": 7}, "api:k7e2c8a1-1", LEAD_ID, False, None),
        (
            {"payload": {"diff": {"a": {"to": 1}, "b": 2, "c": {"from": 1, "to": None}}}},
            "api",
            None,
            True,
            {"c": (1, None)},
        ),
    ],
)
def test_an_odd_audit_record_is_read_as_far_as_it_goes(
    record: dict[str, Any], actor: object, lead_id: object, at_known: bool, diff: object
) -> None:
    found, _ = talk(v1().audit_record("1"), (200, {**AUDIT, **record}))
    assert (found.actor, found.lead_id, found.at is not None) == (actor, lead_id, at_known)
    if diff is not None:
        assert found.diff == diff


def test_an_audit_record_without_id_or_action_is_outside_the_documents() -> None:
    for hollow in ({"id": None}, {"action": None}):
        with pytest.raises(BadResponse):
            talk(v1().audit_record("1"), (200, {**AUDIT, **hollow}))


# The health check


def test_check_tells_whose_key_it_is() -> None:
    body = {"tenant_id": "8c2f", "environment": "sandbox", "scopes": ["read", "write"]}
    found, (request,) = talk(v1().check(), (200, body))
    assert request.url == f"{ROOT}/health"
    assert found == {
        "reachable": True,
        "tenant_id": "8c2f",
        "environment": "sandbox",
        "scopes": ("read", "write"),
    }


@pytest.mark.parametrize("body", [{"status": "ok"}, {"tenant_id": None, "scopes": []}])
def test_a_health_answer_that_knows_no_tenant_means_the_key_is_not_known(body: object) -> None:
    with pytest.raises(AuthError, match="does not know the key"):
        talk(v1().check(), (200, body))


def test_a_health_answer_without_scopes_is_outside_the_documents() -> None:
    with pytest.raises(BadResponse, match="scopes is missing"):
        talk(v1().check(), (200, {"tenant_id": "1", "environment": "production"}))
