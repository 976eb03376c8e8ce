"""Credentials, headers and addresses: refused by name, never repeated in the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import ConfigError, UnsafeURL
from leadgateway.safety import (
    check_base_url,
    check_credential,
    check_header,
    follow,
    is_loopback,
    origin,
    split_url,
)


@pytest.mark.parametrize("text", ["a", "pk_live_1.2-3~", "x" * 8192, "!~"])
def test_a_visible_credential_passes_unchanged(text):
    assert check_credential("token", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "canary\n",
        " canary",
        "canary ",
        "can ary",
        "canary\x00",
        "canary\t",
        "canáry",
        "canary\u200b",
        "c" * 8193,
    ],
)
def test_any_other_credential_is_refused_by_name(text):
    with pytest.raises(ConfigError, match=r"mega\.token") as caught:
        check_credential("mega.token", text)
    assert "canary" not in str(caught.value)


@given(st.text(max_size=40))
def test_what_passes_as_a_credential_passes_as_a_header(text):
    try:
        check_credential("token", text)
    except ConfigError:
        return
    check_header("x-key", text)


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("https://api.example.com:8443/v1", "https://api.example.com:8443/v1"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
        ("https://93.184.216.34/", "https://93.184.216.34"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://127.9.9.9/", "http://127.9.9.9"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
        ("HTTP://LocalHost", "HTTP://LocalHost"),
    ],
)
def test_a_safe_base_url_loses_its_final_slash_only(url, checked):
    assert check_base_url("base_url", url, allow_insecure=False) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "//api.example.com",
        "ftp://api.example.com",
        "javascript:alert(1)",
        "https:/api.example.com",
        "https:api.example.com",
        "https:///v1",
        "https://",
        "https://user@api.example.com",
        "https://user:canary@api.example.com",
        "https://@api.example.com",
        "https://api.example.com\\@evil.example",
        "https://api.example.com?",
        "https://api.example.com?canary=1",
        "https://api.example.com#",
        "https://api.example.com/#canary",
        "https://api.example.com/../admin",
        "https://api.example.com/%2e%2E/admin",
        "https://api.example.com/./a",
        "https://api.example.com:0/",
        "https://api.example.com:99999/",
        "https://api.example.com:x/",
        "https://api..example.com/",
        "https://.example.com/",
        "https://api.example.com/ a",
        " https://api.example.com",
        "https://api.example.com\n",
        "https://api.example.com/\x00",
        "https://bücher.example/",
        "https://аpi.example.com/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://127.0.0.1./",
        "https://0177.0.0.1/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://[v1.x]/",
        "https://%31/",
        "https://" + "a" * 64 + ".example/",
        "https://api.example.com/" + "a" * 40_000,
        "http://api.example.com",
        "http://0.0.0.0/",
        "http://192.168.1.1/",
        "http://localhost.example.com/",
        "http://[::2]/",
    ],
)
def test_any_other_base_url_is_refused_by_name(url):
    with pytest.raises(ConfigError, match=r"mega\.base_url") as caught:
        check_base_url("mega.base_url", url, allow_insecure=False)
    assert "canary" not in str(caught.value)
    assert "example" not in str(caught.value)


def test_plain_http_elsewhere_is_for_those_who_ask_for_it():
    url = "http://api.example.com"
    assert check_base_url("base_url", url, allow_insecure=True) == url
    with pytest.raises(ConfigError):
        check_base_url("base_url", "http://u:p@api.example.com", allow_insecure=True)


@given(st.text(max_size=60))
def test_no_text_is_worse_than_refused(text):
    assert split_url(text) is None or text.isascii()
    try:
        check_base_url("base_url", text, allow_insecure=True)
    except ConfigError:
        return
    assert text.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("127.1", False),
        ("localhost.", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_its_spelling(host, loopback):
    assert is_loopback(host) is loopback


def test_an_origin_has_its_port():
    def of(url):
        return origin(split_url(url))

    assert of("https://A.example/x") == of("https://a.example:443/y") == ("https", "a.example", 443)
    assert of("http://a.example") == ("http", "a.example", 80)


HERE = "https://api.example.com/v1/leads?page=1"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("?page=2", "https://api.example.com/v1/leads?page=2"),
        ("/v1/leads?page=2#x", "https://api.example.com/v1/leads?page=2"),
        ("more", "https://api.example.com/v1/more"),
        ("https://api.example.com:443/x", "https://api.example.com:443/x"),
        ("//api.example.com/x", "https://api.example.com/x"),
    ],
)
def test_a_link_on_the_same_origin_is_followed(link, address):
    assert follow(HERE, link) == address


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/?token=canary",
        "//evil.example/canary",
        "\\\\evil.example\\canary",
        "/\\evil.example",
        "https://api.example.com@evil.example/",
        "https://canary:canary@api.example.com/",
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://api.example.com.evil.example/",
        "javascript:alert(1)",
        "data:text/html,canary",
        "https://[canary",
        "/é",
        "/a b",
    ],
)
def test_any_other_link_is_unsafe(link):
    with pytest.raises(UnsafeURL) as caught:
        follow(HERE, link)
    assert "canary" not in str(caught.value)


def test_nothing_is_followed_from_nowhere():
    with pytest.raises(UnsafeURL):
        follow("nowhere", "https://api.example.com/")
