"""E-mail addresses: what can be sent everywhere, a key for matching, a reason otherwise."""

from __future__ import annotations

import socket

import email_validator
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import NormalizationError
from leadgateway.normalize import email
from leadgateway.normalize.domain import ascii_domain
from leadgateway.normalize.email import _COMMENT, international_key
from leadgateway.values import EmailAddress

MESSY = st.text(st.sampled_from("aB.@-+_\"'()[]<>;, :1é例а。\u200b\u0301\n"), max_size=30)
LIKELY = st.builds(
    "{}@{}".format,
    st.text("aB.+-_'9é", min_size=1, max_size=12),
    st.text("aZ.-9例ßаέ", min_size=1, max_size=20).map(lambda label: f"{label}.com"),
)


def code_of(text: str) -> str:
    with pytest.raises(NormalizationError) as caught:
        email(text)
    assert not text.strip() or text not in str(caught.value)
    return caught.value.code


def answer_or_code(text: str) -> EmailAddress | str:
    try:
        return email(text)
    except NormalizationError as error:
        return error.code


@pytest.mark.parametrize(
    ("text", "address", "key"),
    [
        ("A.B@Example.COM", "A.B@example.com", "a.b@example.com"),
        ("Ana.Souza+crm@x.com", "Ana.Souza+crm@x.com", "ana.souza+crm@x.com"),
        ("POSTMASTER@X.com", "POSTMASTER@x.com", "postmaster@x.com"),
        ("user@例え.jp", "user@xn--r8jz45g.jp", "user@xn--r8jz45g.jp"),
        ("user@b。com", "user@b.com", "user@b.com"),
        ("user@STRASSE.de", "user@strasse.de", "user@strasse.de"),
        ("  a@b.com\u00a0", "a@b.com", "a@b.com"),
        ("!#$%&'*+/=?^_`{|}~-@b.com", "!#$%&'*+/=?^_`{|}~-@b.com", "!#$%&'*+/=?^_`{|}~-@b.com"),
    ],
)
def test_the_domain_is_made_canonical_and_the_local_part_is_left_alone(
    text: str, address: str, key: str
) -> None:
    assert email(text) == EmailAddress(raw=text, address=address, key=key)


def test_both_forms_of_a_domain_compare_equal() -> None:
    assert email("A@例え.jp").key == email("a@XN--R8JZ45G.jp").key


def test_a_homoglyph_is_kept_and_not_equal() -> None:
    assert email("a@exаmple.com").key != email("a@example.com").key


@pytest.mark.parametrize("domain", ["x.test", "x.INVALID", "localhost", "io", "x.local", "x.onion"])
def test_reserved_and_dotless_domains_are_kept(domain: str) -> None:
    assert email(f"Ana@{domain}").address == f"Ana@{domain.lower()}"


def test_a_reserved_domain_has_to_be_well_formed_too() -> None:
    assert code_of("a@-.test") == "invalid"
    assert code_of("a@x..test") == "invalid"
    assert code_of("test") == "invalid"


def test_every_reserved_domain_of_the_library_is_one_label() -> None:
    assert not [name for name in email_validator.SPECIAL_USE_DOMAIN_NAMES if "." in name]


def test_lengths_are_those_of_the_standard() -> None:
    domain = ".".join(["d" * 63, "d" * 63, "d" * 57, "com"])
    assert email(f"{'a' * 64}@{domain}").address == f"{'a' * 64}@{domain}"
    assert code_of(f"{'a' * 64}@d{domain}") == "too_long"
    assert code_of(f"{'a' * 65}@b.com") == "too_long"
    assert code_of(f"a@{'é' * 130}.com") == "too_long"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a@b.com;c@d.com", "two_addresses"),
        ("a@b.com, c@d.com", "two_addresses"),
        ("a@b.com c@d.com", "two_addresses"),
        ("Ada <a@b.com>", "display_name"),
        ("<a@b.com>", "display_name"),
        ("mailto:a@b.com", "mailto"),
        ("MAILTO:a@b.com", "mailto"),
        ("a@b.com\n", "control_character"),
        ("a@b.com\r\nBcc: c@d.com", "control_character"),
        ("a\0@b.com", "control_character"),
        ("a\u200b@b.com", "invisible_character"),
        ("a@b\u202e.com", "invisible_character"),
        ("a@b\u00ad.com", "invisible_character"),
        ("a\ud83d@b.com", "surrogate"),
        ('"quoted local"@x.com', "unusual"),
        ('"a@b"@x.com', "unusual"),
        ("a@[127.0.0.1]", "unusual"),
        ("a@[IPv6:::1]", "unusual"),
        ("a(comment)@x.com", "unusual"),
        ("jörg@example.com", "smtputf8"),
        ("👍@example.com", "smtputf8"),
        ("jose\u0301@example.com", "smtputf8"),
        ("a@1.2.3.4", "invalid"),
        ("a@123", "invalid"),
        ("a＠b.com", "invalid"),
    ],
)
def test_what_cannot_be_sent_everywhere_has_a_code(text: str, code: str) -> None:
    assert code_of(text) == code


# Forms that the isemail corpus marks as errors.
@pytest.mark.parametrize(
    "text",
    [
        "test",
        "@",
        "test@",
        "@io",
        "@iana.org",
        ".test@iana.org",
        "test.@iana.org",
        "te..st@iana.org",
        "test..iana.org",
        r"test\@test@iana.org",
        "test@-iana.org",
        "test@iana-.com",
        "test@.iana.org",
        "test@iana.org.",
        "test@iana..com",
        '"""@iana.org',
        r'"\"@iana.org',
        'test"@iana.org',
        '"test@iana.org',
        '"test"test@iana.org',
        'test"text"@iana.org',
        '"test""test"@iana.org',
        '"te\0st"@iana.org',
        "test@a[255.255.255.255]",
        "test@[255.255.255.255",
        "test@255.255.255.255]",
        "((comment)test@iana.org",
        "test(comment@iana.org",
        "test@iana.org\n",
        "test@iana.org\r\n ",
        "\r\ntest@iana.org",
        "test\x07@iana.org",
        "test@ia na.org",
        "te st@iana.org",
        "test@iana/icann.org",
        "test@[RFC-5322-domain-literal\\]",
        "test@iana.org-",
    ],
)
def test_a_malformed_address_is_never_sent(text: str) -> None:
    assert code_of(text) in {"invalid", "control_character"}


def test_no_name_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("a look-up was made")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    assert email("a@nowhere.example").address


def test_an_internationalised_local_part_has_a_key_for_matching() -> None:
    assert international_key(" JOSE\u0301@Example.com") == "josé@example.com"
    assert international_key("a@例え.jp") == "a@xn--r8jz45g.jp"
    assert international_key("nobody") is None


@given(st.text(st.characters(codec=None), max_size=60) | MESSY | LIKELY)
def test_any_text_has_an_answer_or_a_code_and_answers_are_canonical(text: str) -> None:
    found = answer_or_code(text)
    if isinstance(found, EmailAddress):
        assert found.address is not None
        assert found.address.isascii()
        assert email(found.address) == found.model_copy(update={"raw": found.address})


@given(LIKELY)
def test_ordinary_addresses_are_judged_as_the_library_judges_them(text: str) -> None:
    try:
        theirs = validate_email(text, check_deliverability=False, strict=True).ascii_email
    except EmailNotValidError:
        theirs = None
    ours = answer_or_code(text)
    assert (ours.key if isinstance(ours, EmailAddress) else None) == (theirs and theirs.lower())


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "@" * 1_000_000, "a@b.com;" * 200_000, "(" * 10**6]
)
def test_a_huge_text_has_a_code(text: str) -> None:
    assert code_of(text) in {"too_long", "two_addresses"}


@given(MESSY | LIKELY)
def test_the_reason_is_the_first_that_the_library_knows(text: str) -> None:
    if answer_or_code(text) in {"smtputf8", "unusual", "invalid"}:
        typed = text.strip(" \u00a0")
        bare = _COMMENT.sub("", typed)
        reasons = {
            "smtputf8": ascii_domain(typed, smtputf8=True),
            "unusual": ascii_domain(bare, smtputf8=True, unusual=True),
            "invalid": "surely",
        }
        assert answer_or_code(text) == next(code for code, known in reasons.items() if known)
