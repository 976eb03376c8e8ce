"""The check of e-mail addresses says what email-validator says of their form, whichever way it
gets there.
"""

from __future__ import annotations

import email_validator
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from leadgateway.simulator import checks, people

LOCALS = st.one_of(
    st.from_regex(r"[a-zA-Z0-9._+-]{0,68}", fullmatch=True),
    st.text(max_size=8),
    st.sampled_from(["ana.", ".ana", "a..b", '"a b"', "zoë", "postmaster", "a" * 64, "a" * 65]),
)
DOMAINS = st.one_of(
    st.from_regex(r"[a-zA-Z0-9.-]{0,40}", fullmatch=True),
    st.text(max_size=12),
    st.sampled_from(
        ["b.example", "bücher.example", "xn--bcher-kva.example", "localhost", "a.test", "b.ONION"]
    ),
    st.integers(55, 64).map(lambda size: ".".join(["b" * 61] * 3 + ["c" * (size - 11), "example"])),
)


def taken_by_the_library(text: str) -> bool:
    """Whether the library takes the address once no domain is special to it."""
    special = [*email_validator.SPECIAL_USE_DOMAIN_NAMES]
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        return has_the_form(text)
    finally:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.extend(special)


def has_the_form(text: str) -> bool:
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return found.ascii_domain[-1].isalpha()


@pytest.mark.parametrize(
    "domain",
    ["b.test", "firm.local", "b.INVALID", "b.onion", "localhost", "example", "io", "b.example"],
)
def test_reserved_and_dotless_domains_are_taken(domain: str) -> None:
    assert checks.email(f"a@{domain}") is None
    assert checks.email(f"{'a' * 64}@{domain}") is None
    assert checks.email(f"zoë@{domain}") is None


@pytest.mark.parametrize(
    "address",
    ["a@", "@b.test", "a b@b.test", "a@-b.test", "a@b..test", "a@.test", "a@192.0.2.1", "a.b.test",
     f"a@{'b' * 64}.test", "a@b.test.", "a@[192.0.2.1]", '"a b"@b.test'],
)  # fmt: skip
def test_an_address_without_the_form_of_one_is_refused(address: str) -> None:
    assert checks.email(address) == "must be an e-mail address"


@example(local="a", domain=f"{'.'.join(['b' * 61] * 3)}.{'c' * 50}.example")
@example(local="a@b", domain="c.example")
@example(local="a\n", domain="c.example")
@given(local=LOCALS, domain=DOMAINS)
def test_an_address_is_right_when_the_library_takes_it(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert (checks.email(address) is None) == taken_by_the_library(address)


def test_an_invented_address_is_right_when_the_library_takes_it() -> None:
    invented = [each.email for each in people(3, 400) if each.email is not None]
    assert len(invented) > 300
    for address in invented:
        assert (checks.email(address) is None) == taken_by_the_library(address)
