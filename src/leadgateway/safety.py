"""What may become a credential, a header or an address: checked before any connection is made."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from leadgateway.errors import ConfigError, UnsafeURL

LONGEST_HEADER = 8 * 1024
LONGEST_ADDRESS = 32 * 1024

_CREDENTIAL = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_URL = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_credential(setting: str, text: str) -> str:
    """Return `text` if it can stand in a header as it is; else a `ConfigError` naming `setting`."""
    if not text:
        raise ConfigError(f"{setting} is empty.")
    if len(text) > LONGEST_HEADER:
        raise ConfigError(f"{setting} is longer than {LONGEST_HEADER} characters.")
    if not _CREDENTIAL.fullmatch(text):
        raise ConfigError(
            f"{setting} holds a space, a line end, a control or a non-ASCII character: "
            "only visible ASCII can be sent, and nothing is stripped in silence."
        )
    return text


def check_header(name: str, value: str) -> None:
    """Refuse a header that cannot be sent as it is, with a `ConfigError` that names it."""
    if not _HEADER_NAME.fullmatch(name):
        raise ConfigError("A header's name may hold letters, digits and hyphens only.")
    if len(value) > LONGEST_HEADER:
        raise ConfigError(f"The header {name} is longer than {LONGEST_HEADER} characters.")
    if not _HEADER_VALUE.fullmatch(value):
        raise ConfigError(
            f"The header {name} is empty, begins or ends with a space, "
            "or holds a character that is not printable ASCII."
        )


def check_base_url(setting: str, url: str, *, allow_insecure: bool) -> str:
    """Return `url` without its final slash if credentials may be sent below it.

    Plain http is for loopback addresses, or for those who `allow_insecure`; a user name, a query
    or a fragment is a `ConfigError` that names `setting`.
    """
    parts = split_url(url)
    if parts is None:
        raise ConfigError(f"{setting} is no absolute http or https address in plain ASCII.")
    if "@" in parts.netloc:
        raise ConfigError(f"{setting} must not hold a user name or a password.")
    if "?" in url or "#" in url:
        raise ConfigError(f"{setting} must not hold a query or a fragment.")
    if parts.scheme == "http" and not (allow_insecure or is_loopback(parts.hostname or "")):
        raise ConfigError(
            f"{setting} must be https: plain http is for loopback, or set allow_insecure."
        )
    return url.rstrip("/")


def split_url(url: str) -> SplitResult | None:
    """Return the parts of an absolute http(s) address; `None` if two readers could disagree."""
    if len(url) > LONGEST_ADDRESS or not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not url[len(parts.scheme) :].startswith("://"):
        return None
    if port == 0 or not _is_host(parts.hostname or "", bracketed="[" in parts.netloc):
        return None
    segments = parts.path.replace("%2e", ".").replace("%2E", ".").split("/")
    return None if {".", ".."} & set(segments) else parts


def _is_host(host: str, *, bracketed: bool) -> bool:
    """Tell whether `host` is a name or an address in its usual spelling, and only one of them."""
    if bracketed:
        return "%" not in host and _is_address(host)
    numeric = host.rstrip(".").rpartition(".")[2][:1].isdigit()
    return _is_address(host) if numeric else _HOST.fullmatch(host) is not None


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Return scheme, host and port: what two addresses share when one may see the other's token."""
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def follow(address: str, link: str) -> str:
    """Return `link`, read as `address` would read it, if it stays on the same origin.

    Anything else is an `UnsafeURL` that names scheme and host of the link, where it has them.
    """
    here = split_url(address)
    try:
        onward = urljoin(address, link)
    except ValueError:
        onward = ""
    there = split_url(onward)
    if here is None or there is None or "@" in there.netloc:
        raise UnsafeURL("A link or redirect leads to something that is no plain http address.")
    if origin(here) != origin(there):
        raise UnsafeURL(
            f"A link or redirect leads to {there.scheme}://{there.hostname}, "
            "another origin than the one we were asked to trust: nothing was sent there."
        )
    return onward.partition("#")[0]


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine by its spelling alone; no name is ever looked up."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
