"""The check of e-mail addresses says what email-validator says, whichever way it gets there."""

from __future__ import annotations

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
        ["b.example", "bücher.example", "xn--bcher-kva.example", "localhost", "a.test"]
    ),
    st.integers(55, 64).map(lambda size: ".".join(["b" * 61] * 3 + ["c" * (size - 11), "example"])),
)


def taken_by_the_library(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


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
