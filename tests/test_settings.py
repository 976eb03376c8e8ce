"""Settings: refused where they are given, by name, and never by value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from leadgateway.errors import ConfigError
from leadgateway.settings import Settings

CANARY = "canary-secret-4711"


def opened(**values: Any) -> Settings:
    return Settings.of({"token": "t", "base_url": "https://vendor.example/v1", **values})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("token", f"{CANARY}\n"),
        ("token", f" {CANARY}"),
        ("token", f"{CANARY}é"),
        ("token", ""),
        ("token", SecretStr("")),
        ("token", SecretStr(f"{CANARY} x")),
        ("token", 4711),
        ("token", None),
        ("token", CANARY * 1000),
        ("base_url", f"http://{CANARY}.example"),
        ("base_url", f"https://user:{CANARY}@vendor.example"),
        ("base_url", f"https://vendor.example/?key={CANARY}"),
        ("base_url", f"https://vendor.example/#{CANARY}"),
        ("base_url", f"ftp://{CANARY}.example"),
        ("base_url", CANARY),
        ("base_url", "https://vendor.example:0"),
        ("base_url", "https://vendor.example/../admin"),
        ("base_url", None),
        ("deadline", 0),
        ("deadline", CANARY),
        ("deadline", float("inf")),
        ("deadline", float("nan")),
        ("deadline", 86_401),
        ("settle_seconds", -1),
        ("settle_seconds", float("inf")),
        ("settle_seconds", float("nan")),
        ("client", CANARY),
        ("region", f"{CANARY}"),
        ("region", "br"),
        ("currency", "euro"),
        ("source_map", {"kommo": CANARY}),
        ("status_out", {CANARY: "won"}),
        ("stage_map", [CANARY]),
        ("custom_map", {"a": CANARY, "b": CANARY}),
        ("name_placeholder", ""),
        ("marker", ""),
        ("proxy", CANARY),
        ("proxy", f"socks5://{CANARY}.example"),
        ("nonsense", CANARY),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(setting: str, value: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(**{setting: value})
    message = str(caught.value)
    assert message.startswith(setting) or f"{setting}." in message or f"; {setting}" in message
    if setting != "status_out":
        assert CANARY not in message
    assert caught.value.__cause__ is None
    assert CANARY not in repr(caught.value.__context__ or "") or setting == "status_out"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("region", "XX"),
        ("region", "ZZ"),
        ("zone", "Mars/Phobos"),
        ("zone", ""),
        ("zone", "America"),
        ("zone", "../UTC"),
        ("custom_map", {"a": "x", "b": "x"}),
    ],
)
def test_a_setting_that_names_nothing_there_is_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{setting}: .* ") as caught:
        opened(**{setting: value})
    assert str(value) == "" or str(value) not in str(caught.value).split()
    assert caught.value.__cause__ is None


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"region: .*; deadline: .*Known settings: .*base_url"):
        opened(deadline=-1, region="brazil")


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="token: Field required"):
        Settings.of({"base_url": "https://vendor.example"})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8701/api",
        "http://localhost",
        "http://[::1]:8701",
        "http://127.9.9.9",
        "https://vendor.example",
    ],
)
def test_plain_http_is_for_loopback(url: str) -> None:
    assert opened(base_url=f"{url}/").base_url == url


@pytest.mark.parametrize(
    "url", ["http://vendor.example", "http://10.0.0.1", "http://127.0.0.1.evil.example"]
)
def test_plain_http_elsewhere_needs_a_word(url: str) -> None:
    with pytest.raises(ConfigError, match="allow_insecure"):
        opened(base_url=url)
    assert opened(base_url=url, allow_insecure=True).base_url == url


def test_a_token_is_text_a_secret_or_a_callable() -> None:
    def renew() -> str:
        return "fresh"

    assert opened(token="plain").credential() == "plain"
    assert opened(token=SecretStr("wrapped")).credential() == "wrapped"
    assert opened(token=renew).credential() is renew


def test_secrets_and_people_are_in_no_repr() -> None:
    settings = opened(
        token=CANARY,
        owner_map={f"{CANARY}@example.com": "o1"},
        proxy=f"http://user:{CANARY}@proxy.example:3128",
    )
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)


def test_settings_do_not_change() -> None:
    settings = opened()
    with pytest.raises(ValueError, match="frozen"):
        settings.deadline = 1.0  # type: ignore[misc]  # frozen, which is the point
