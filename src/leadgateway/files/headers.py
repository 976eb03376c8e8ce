"""Which field of a lead a column holds, told by its header, with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from leadgateway.errors import ConfigError
from leadgateway.files.columns import MAPS, SEVERAL, TARGETS, target_of

_SYNONYMS: Mapping[str, str] = {
    "id": "lead id, record id, external id",
    "name": "full name, contact, contact name, lead name, nome, nome completo, nombre",
    "name.given": "first name, given name, forename, first, primeiro nome",
    "name.family": "last name, family name, surname, last, sobrenome, apellido, apellidos",
    "company.name": "company, company name, organisation, organization, account, account name, "
    "employer, business, business name, empresa",
    "company.industry": "industry, sector, setor",
    "company.size": "employees, number of employees, no of employees",
    "emails": "email, mail, email address, contact email, work email, primary email, "
    "secondary email, correo",
    "phones": "phone, phone number, telephone, tel, mobile, mobile phone, mobile number, cell, "
    "cell phone, whatsapp, contact phone, work phone, telefone, telefono, celular",
    "status": "lead status, situacao",
    "stage.name": "stage, lead stage, deal stage, pipeline stage, etapa",
    "source": "lead source, origin, origem, fonte",
    "capture": "capture method, source type",
    "score": "lead score",
    "qualified": "is qualified, qualificado",
    "owner.name": "owner, lead owner, assigned to, sales rep, responsavel, vendedor",
    "tags": "tag, labels, label, etiquetas",
    "value": "amount, deal value, deal amount, lead value, valor",
    "value.currency": "currency, currency code, moeda",
    "notes": "note, comment, comments, message, observacoes",
    "attribution.utm_source": "utm source",
    "attribution.utm_medium": "utm medium",
    "attribution.utm_campaign": "utm campaign",
    "attribution.utm_term": "utm term",
    "attribution.utm_content": "utm content",
    "attribution.gclid": "gclid",
    "attribution.fbclid": "fbclid",
    "qualification.pain_points": "pain points",
    "qualification.timeline": "timeline",
    "qualification.budget_range": "budget, budget range",
    "created_at": "created, created on, create date, creation date, date created, criado em",
    "updated_at": "updated, updated on, modified, last modified, date modified, last updated",
    "last_interaction_at": "last interaction, last contacted, last activity, last activity date",
    "interaction_count": "interactions, number of interactions",
}

CONFIGURED: Final = "as configured"
BY_NAME: Final = "by its header"
NO_FIELD: Final = "no field of a lead has such a name: kept as a custom field"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The field that a column is taken for, `""` for none, and why."""

    path: str
    reason: str


def propose_columns(
    headers: Sequence[str], chosen: Mapping[str, str] = MappingProxyType({})
) -> Mapping[str, Proposal]:
    """Return what each column is taken for; `chosen` is what somebody said and wins.

    A column that no field is named like becomes a custom field, so that nothing is lost. A chosen
    column that is not there is a `ConfigError`.
    """
    if missing := sorted(chosen.keys() - set(headers)):
        raise ConfigError(
            f"columns: the file has no column {', '.join(map(repr, missing))}; "
            f"columns: {', '.join(map(repr, headers))}."
        )
    taken = {target_of(path): column for column, path in chosen.items() if path}
    found: dict[str, Proposal] = {}
    for header in headers:
        if header in chosen:
            found[header] = Proposal(chosen[header], CONFIGURED)
            continue
        path = _by_name(header)
        target = target_of(path) if path is not None else None
        other = taken.get(target) if target is not None else None
        if path is not None and target is not None and (other is None or target.leaf in SEVERAL):
            taken.setdefault(target, header)
            found[header] = Proposal(path, BY_NAME)
            continue
        path = _custom(header, {f"{each.leaf}.{each.part}" for each in taken})
        taken[target_of(path)] = header
        why = NO_FIELD if other is None else f"{other!r} is that field: kept as a custom field"
        found[header] = Proposal(path, why)
    return found


def _by_name(header: str) -> str | None:
    field, _, part = header.partition(".")
    if field in MAPS and part:
        return header
    plain = _plain(header)
    path = _BY_NAME.get(plain) or _BY_NAME.get(plain.rstrip("0123456789"))
    return path if path is None or path in SEVERAL or plain in _BY_NAME else None


def _custom(header: str, taken: set[str]) -> str:
    slug = re.sub(r"[\W_]+", "_", header.casefold()).strip("_") or "column"
    path, number = f"custom.{slug}", 1
    while path in taken:
        number += 1
        path = f"custom.{slug}_{number}"
    return path


def _plain(header: str) -> str:
    """Return a header without case, accents, spaces and signs."""
    apart = unicodedata.normalize("NFKD", header.casefold())
    return "".join(c for c in apart if c.isalnum())


_BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        **{_plain(path): path for path in TARGETS},
        **{_plain(word): path for path, words in _SYNONYMS.items() for word in words.split(",")},
    }
)
