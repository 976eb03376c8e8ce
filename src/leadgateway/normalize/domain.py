"""The domain of an e-mail address, as email-validator reads the whole of it."""

from __future__ import annotations

LONGEST = 254  # RFC 5321 4.5.3.1.3, erratum 1690
LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1


def ascii_domain(typed: str, *, smtputf8: bool, unusual: bool = False) -> str | None:
    """Return the domain in its ASCII form, or `None` where `typed` is not an address."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    if len(typed) > LONGEST:
        return None
    # The library refuses reserved domains, which we keep: a label of the same length stands in.
    reserved = typed.rpartition("@")[2].rpartition(".")[2].lower()
    if reserved in SPECIAL_USE_DOMAIN_NAMES:
        typed = typed[: -len(reserved)] + "z" * len(reserved)
    else:
        reserved = ""
    try:
        found = validate_email(
            typed,
            allow_smtputf8=smtputf8,
            allow_quoted_local=unusual,
            allow_domain_literal=unusual,
            strict=True,
            globally_deliverable=False,
            check_deliverability=False,
        )
    except EmailNotValidError:
        return None
    domain = found.ascii_domain
    if reserved:
        return domain[: -len(reserved)] + reserved
    # No top-level domain ends in a digit: 192.0.2.1 is not a domain.
    return domain if domain[-1].isalpha() or domain[-1] == "]" else None
