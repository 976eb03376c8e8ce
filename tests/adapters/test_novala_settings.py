"""What a Novala connection may be configured with, and which keys may write."""

from __future__ import annotations

import pytest
from tests.adapters.novala_account import AGENT, PERSON, draft, novala

from leadgateway.errors import (
    ConfigError,
)
from leadgateway_novala.adapter import NovalaSettings


def test_the_tenant_names_the_host() -> None:
    assert novala().settings.base_url == "https://acme.novala.ai/api/v1"


def test_a_base_url_replaces_the_tenants_host() -> None:
    settings = NovalaSettings.of({"token": "sk_1", "base_url": "http://127.0.0.1:9/api/v1/"})
    assert settings.base_url == "http://127.0.0.1:9/api/v1"
    both = NovalaSettings.of({"token": "k", "tenant": "acme", "base_url": "https://proxy.example"})
    assert both.base_url == "https://proxy.example"


def test_neither_tenant_nor_base_url_is_refused() -> None:
    with pytest.raises(ConfigError, match="tenant is missing"):
        NovalaSettings.of({"token": "sk_1"})


@pytest.mark.parametrize(
    "tenant",
    ["", "Acme", "acme.evil.example/", "a_b", "-acme", "acme-", "acme\n", "a" * 64, "é", "a@b", 7],
)
def test_a_tenant_that_is_no_slug_is_refused_without_quoting_it(tenant: object) -> None:
    with pytest.raises(ConfigError, match="tenant is no slug") as caught:
        NovalaSettings.of({"token": "sk_1", "tenant": tenant})
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("tenant", ["acme", "a", "7", "acme-2-lifts", "a" * 63])
def test_a_slug_is_taken(tenant: str) -> None:
    assert novala(tenant=tenant).settings.tenant == tenant


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("required_custom_fields", ["Site Count"]),
        ("custom_map", {"score": "Score!"}),
        ("relocate", {"value": "custom:deal-value"}),
        ("fallback_source", "manual"),
        ("source_out", {"partner": "partners"}),
        ("capture_out", {"sms": "text_message"}),
        ("owner_map", {"agent@okafor.example": "17"}),
        ("marker", "Lead Ref"),
    ],
)
def test_a_word_that_could_never_be_sent_is_refused_at_configuration(
    setting: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=setting):
        novala(**{setting: value})


def test_settings_in_order_are_taken() -> None:
    settings = novala(
        required_custom_fields=["site_count"],
        custom_map={"score": "lead_score_2"},
        relocate={"value": "custom:deal_value", "tags": "notes"},
        fallback_source="import",
        source_out={"partner": "referral"},
        capture_out={"sms": "inbound_call"},
        owner_map={"agent@okafor.example": AGENT.upper()},
        marker="external_ref",
    ).settings
    assert settings.required_custom_fields == ("site_count",)


def test_the_token_is_not_shown() -> None:
    assert "sk_live_1" not in repr(novala().settings)


# Publishable keys


def test_a_publishable_key_is_refused_for_writing_before_any_request() -> None:
    adapter = novala(token="pk_live_1")
    with pytest.raises(ConfigError, match="publishable"):
        adapter.check_write()
    with pytest.raises(ConfigError, match="publishable"):
        next(adapter.create(draft(adapter, PERSON), None))


def test_a_publishable_key_reads() -> None:
    adapter = novala(token="pk_live_1")
    request = next(adapter.get("1"))
    assert adapter.authorize(request, "pk_live_1").header("authorization") == "Bearer pk_live_1"


def test_a_callable_that_gives_a_publishable_key_is_caught_when_the_write_is_authorized() -> None:
    adapter = novala(token=lambda: "pk_live_1")
    adapter.check_write()
    request = next(adapter.create(draft(adapter, PERSON), None))
    with pytest.raises(ConfigError, match="publishable"):
        adapter.authorize(request, "pk_live_1")
    assert adapter.authorize(request, "sk_live_1").header("authorization") == "Bearer sk_live_1"
