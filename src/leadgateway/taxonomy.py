"""The closed vocabularies of the canonical Lead."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where a lead stands at the coarsest grain; derived from its status."""

    OPEN = "open"
    WON = "won"
    CLOSED = "closed"


class LeadStatus(StrEnum):
    """How far a lead has come; `OPEN` is being worked with nothing finer known."""

    NEW = "new"
    ATTEMPTING = "attempting"
    CONTACTED = "contacted"
    QUALIFYING = "qualifying"
    NURTURING = "nurturing"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"
    LOST = "lost"
    ARCHIVED = "archived"
    OPEN = "open"
    UNKNOWN = "unknown"

    @property
    def phase(self) -> Phase | None:
        """The phase this status belongs to; `None` while the status is unknown."""
        if self is LeadStatus.UNKNOWN:
            return None
        if self is LeadStatus.CONVERTED:
            return Phase.WON
        if self in {LeadStatus.DISQUALIFIED, LeadStatus.LOST, LeadStatus.ARCHIVED}:
            return Phase.CLOSED
        return Phase.OPEN


class LeadSource(StrEnum):
    """Where a lead came from; `EXTERNAL_SYSTEM` is another CRM or a shop."""

    PAID_SEARCH = "paid_search"
    PAID_SOCIAL = "paid_social"
    ORGANIC_SEARCH = "organic_search"
    ORGANIC_SOCIAL = "organic_social"
    DIRECT = "direct"
    REFERRAL = "referral"
    WEBSITE = "website"
    EMAIL_CAMPAIGN = "email_campaign"
    EVENT = "event"
    PARTNER = "partner"
    OUTBOUND = "outbound"
    EXTERNAL_SYSTEM = "external_system"
    OTHER = "other"
    UNKNOWN = "unknown"


class CaptureMethod(StrEnum):
    """How a lead was captured, whatever its source."""

    FORM = "form"
    PHONE_CALL = "phone_call"
    EMAIL = "email"
    CHAT = "chat"
    SMS = "sms"
    MANUAL = "manual"
    IMPORT = "import_"
    API = "api"
    UNKNOWN = "unknown"


class Fidelity(StrEnum):
    """How a value arrives at the other side, from best to worst."""

    EXACT = "exact"
    NORMALIZED = "normalized"
    RELOCATED = "relocated"
    NARROWED = "narrowed"
    DROPPED = "dropped"

    @property
    def rank(self) -> int:
        """0 for exact up to 4 for dropped: the worse of two has the higher rank."""
        return _RANK[self]

    @property
    def is_lossy(self) -> bool:
        """Whether a strict policy stops on it."""
        return self in _LOSSY


_RANK = {member: rank for rank, member in enumerate(Fidelity)}
_LOSSY = frozenset({Fidelity.NARROWED, Fidelity.DROPPED})
