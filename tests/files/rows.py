"""Leads that files are made of, and what is looked at of them."""

from leadgateway import Lead
from leadgateway.values import ExternalRef

FILE = "out.jsonl"


def only(connection) -> Lead:
    [lead] = connection.list_leads()
    return lead


def codes(lead):
    return [(issue.path, issue.code) for issue in lead.issues]


def lead(lead_id, **fields):
    ref = ExternalRef(vendor="harbour", connection="prod", id=lead_id)
    return Lead(ref=ref, **{"name": "Ana Souza", **fields})
