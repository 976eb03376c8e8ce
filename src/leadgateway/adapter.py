"""The contract: what a vendor's adapter is asked."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from leadgateway.answers import (
    Change,
    ChangePage,
    Complaint,
    LeadQuery,
    Outcome,
    Page,
    Receipt,
    Sought,
)
from leadgateway.capabilities import Capabilities, Operation
from leadgateway.consulted import ConsultedWords
from leadgateway.errors import (
    ConfigError,
    OutcomeUnknown,
    Rejected,
    Unsupported,
    VendorError,
    meaning,
)
from leadgateway.exchange import Document, Effect, Flow, Request, Response, loads, segment
from leadgateway.frozen import FrozenDict
from leadgateway.lead import Lead
from leadgateway.mapping import Choice, Draft, RuleSet
from leadgateway.mapping.keeping import NOTHING, Keeping, shows
from leadgateway.records import Records
from leadgateway.redaction import redact
from leadgateway.settings import Settings
from leadgateway.taxonomy import LeadSource, LeadStatus
from leadgateway.values import Loss

__all__ = [
    "Adapter",
    "Change",
    "ChangePage",
    "Complaint",
    "LeadQuery",
    "Outcome",
    "Page",
    "Receipt",
    "Sought",
    "in_milliseconds",
]

S = TypeVar("S", bound=Settings)

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,100}")

_POWERS: Mapping[Operation, str] = {
    **{power: str(power) for power in (Operation.GET, Operation.UPDATE, Operation.DELETE)},
    Operation.CREATE_MANY: "create_many",
    Operation.CHANGES: "changes_page",
}

_MEANINGS: Mapping[str, type[LeadStatus | LeadSource]] = {
    "status": LeadStatus,
    "source": LeadSource,
}


class Adapter(ABC, Generic[S]):
    """One vendor: its settings, its table, its powers, and a flow for each of them.

    A flow yields `Request` values and receives `Response` values; it does no I/O and knows no
    clock. An optional power is a method and a declared capability: a class in which the two
    disagree does not import.
    """

    vendor: ClassVar[str]
    settings_type: ClassVar[type[Settings]]
    rules: ClassVar[RuleSet]
    capabilities: ClassVar[Capabilities]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        capabilities = getattr(cls, "capabilities", None)
        if capabilities is None:
            return
        powers = [(name, power in capabilities.operations) for power, name in _POWERS.items()]
        for method, declared in (*powers, ("dry_run", capabilities.dry_run)):
            written = getattr(cls, method) is not getattr(Adapter, method)
            if declared != written:
                fault = "declares it without the method" if declared else "does not declare it"
                raise TypeError(f"{cls.__name__}.{method}: the class {fault}")
        if cls.merge_keys is not Adapter.merge_keys and not capabilities.create_merges:
            raise TypeError(f"{cls.__name__}.merge_keys: the class does not declare create_merges")

    def __init__(self, settings: S, *, connection: str = "", rules: RuleSet | None = None) -> None:
        self.settings = settings
        self.connection = connection or self.vendor
        self.table = (rules or self.rules).for_terms(settings)

    @abstractmethod
    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        """Fetch one page of leads."""

    @abstractmethod
    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        """Create one lead from its draft; `key` is the idempotency key, where there are any."""

    def get(self, lead_id: str) -> Flow[Lead]:
        """Fetch one lead by its id."""
        raise Unsupported(self.vendor, "get")

    def update(self, lead_id: str, change: Draft) -> Flow[Receipt]:
        """Change the fields of the draft and nothing else."""
        raise Unsupported(self.vendor, "update")

    def delete(self, lead_id: str) -> Flow[None]:
        """Remove one lead for good; `NotFound` if it is not there."""
        raise Unsupported(self.vendor, "delete")

    def merge_keys(self, fields: Mapping[str, Any]) -> frozenset[str]:
        """Return, as `kind:key`, what a create may be merged by: any one key that two share."""
        return frozenset()

    def create_many(self, drafts: Sequence[Draft], key: str | None) -> Flow[Sequence[Receipt]]:
        """Create a batch; one receipt per draft, in their order."""
        raise Unsupported(self.vendor, "create_many")

    def dry_run(self, drafts: Sequence[Draft]) -> Flow[Sequence[Receipt]]:
        """Ask the vendor what `create_many` would do with these drafts; it writes nothing."""
        raise Unsupported(self.vendor, "dry_run")

    def changes_page(self, since: datetime | None, cursor: str | None) -> Flow[ChangePage]:
        """Fetch one page of the record of changes, oldest documented order first."""
        raise Unsupported(self.vendor, "changes")

    def check(self) -> Flow[Mapping[str, Any]]:
        """Find out whether the connection works, without writing; returns what it learnt."""
        page = yield from self.list_page(LeadQuery(page_size=1), None)
        return FrozenDict(reachable=True, total=page.total)

    def check_write(self) -> None:
        """Raise `ConfigError` if these settings can surely not write; no network."""

    def authorize(self, request: Request, token: str) -> Request:
        """Return `request` with the credential, and the tenant where it travels in a header."""
        return request.with_header("authorization", f"Bearer {token}")

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        """Return what the vendor's error envelope says; the default knows no envelope."""
        return Complaint()

    def read(self, *path: str, params: Mapping[str, str | None] | None = None) -> Request:
        """Return a GET; each of `path` is an encoded segment; a parameter of `None` is left out."""
        kept = tuple((k, v) for k, v in (params or {}).items() if v is not None)
        return Request("GET", self.url(*path), kept, (("accept", "application/json"),))

    def write(
        self, method: str, *path: str, body: bytes, key: str | None = None, bucket: str = "default"
    ) -> Request:
        """Return a request that writes; keyed where a key is given and the vendor takes keys."""
        headers = (("accept", "application/json"), ("content-type", "application/json"))
        request = Request(method, self.url(*path), (), headers, body, Effect.ONCE, bucket)
        keys = self.capabilities.idempotency
        if key is None or keys is None:
            return request
        return Request(
            method, request.url, (), (*headers, (keys.header, key)), body, Effect.KEYED, bucket
        )

    def url(self, *path: str) -> str:
        """Return the absolute address of `path` below the connection's base URL."""
        return "/".join((self.settings.base_url, *map(segment, path)))

    def expect(self, response: Response, *statuses: int) -> Document:
        """Return the answer's object if its status is one of `statuses`; else raise its error."""
        if response.status not in statuses:
            raise self.explain(response)
        return response.document()

    def lead(self, payload: Mapping[str, Any]) -> Lead:
        """Return the Lead that `payload` holds, by this connection's table."""
        return self.table.read(payload, self.settings, self.connection)

    def leads(self, rows: Sequence[Document]) -> Records:
        """Return the leads of a page, read when they are looked at; each must have its id."""
        ids = [row.identifier(self.table.id_key) for row in rows]
        return Records(ids, [row.value for row in rows], self.lead)

    def later(self, payload: Mapping[str, Any]) -> Callable[[], Lead]:
        """Return what reads `payload` when somebody asks for its Lead."""
        return partial(self.lead, payload)

    def unkept(
        self,
        draft: Draft,
        shown: Mapping[str, Any],
        *,
        unsaid: Collection[str] = NOTHING,
        alike: Collection[str] = NOTHING,
    ) -> tuple[Loss, ...]:
        """Return what of `draft` does not show in the record that its write was answered with.

        `unsaid` are the paths that such an answer may leave out; `alike` are those of which
        the vendor takes what it shows for what was sent.
        """
        if shows(shown, draft.fields):
            return ()
        lead = self.lead(shown)
        return Keeping(self.table, self.settings, draft, lead, unsaid, alike).losses()

    def sought(self, path: str, value: str | None, *, any_word: bool = False) -> Sought:
        """Return how to list the leads whose status or source is `value`, a word or a meaning.

        A meaning of one word is asked for by that word. Where several are read as it, or nobody
        can list them, all leads are listed and picked here. `any_word`: the vendor's filter takes
        words that it does not name.
        """
        if value is None:
            return Sought(path)
        codec = self.table.by_path[path].codec
        choice = getattr(codec, "choice", codec)
        if value in set(_MEANINGS[path]):
            return self._meant(path, choice, _MEANINGS[path](value))
        if (
            any_word
            or not isinstance(choice, Choice)
            or choice.open_ended
            or choice.reads(value, self.settings)
        ):
            return Sought(path, value)
        raise self._wordless(path, choice)

    def _meant(self, path: str, codec: Any, meaning: LeadStatus | LeadSource) -> Sought:
        own: Mapping[str, Any] = getattr(self.settings, f"{path}_map")
        moved = any(relocation.path == path for relocation in self.table.relocations)
        listed = isinstance(codec, Choice) and not isinstance(own, ConsultedWords) and not moved
        if not listed or meaning == codec.unread:
            return Sought(path, meaning=meaning)
        known = {*codec.words, *own, str(meaning)}
        words = [word for word in known if codec.decode(word, self.settings) == meaning]
        if not words:
            raise self._wordless(path, codec)
        return Sought(path, words[0]) if len(words) == 1 else Sought(path, meaning=meaning)

    def _wordless(self, path: str, choice: Choice) -> ConfigError:
        known = list(choice.words)
        return ConfigError(f"{path}: {self.vendor} has no word for that; known: {known}")

    def explain(self, response: Response) -> VendorError:
        """Return the error that `response` stands for; by status, as HTTP means it."""
        try:
            said = self.complaint(response.document().value)
        except VendorError:
            said = Complaint()
        sent, words = _sent(response.request), self.table.vocabulary
        whole = ": ".join(p for p in (said.code, said.message) if p) or "no reason given"
        message = redact(whole, sent, words)
        identified = _REQUEST_ID.fullmatch(said.request_id or "")
        known: dict[str, Any] = {
            "vendor": self.vendor,
            "status": response.status,
            "request_id": said.request_id if identified else None,
        }
        kind = meaning(response.status, reading=response.request.effect is Effect.READ)
        if kind is None:
            return response.unreadable(f"status {response.status} is not documented for this call")
        if kind is Rejected:
            known["fields"] = {
                redact(name): redact(text, sent, words) for name, text in said.fields.items()
            }
        error = kind(message, **known)
        return _repeated(error) if response.in_doubt else error


def _repeated(refusal: VendorError) -> OutcomeUnknown:
    """Return what the refusal of a write means that may have been executed before."""
    return OutcomeUnknown(
        f"the write may have happened before; sent again, {refusal}", refusal=refusal
    )


def in_milliseconds(name: str, moment: datetime | None) -> str | None:
    """Return `moment` of the filter `name` in UTC with `Z`, cut to milliseconds, if there is one.

    A time that no calendar has in UTC is a `ConfigError`.
    """
    if moment is None:
        return None
    try:
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    except OverflowError:
        raise ConfigError(f"{name}: lies outside the calendar.") from None
    return text.replace("+00:00", "Z")


def _sent(request: Request) -> Any:
    asked = [value for _, value in request.params]
    try:
        return [*asked, loads(request.body or b"null")]
    except ValueError:
        return asked
