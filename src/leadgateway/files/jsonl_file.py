"""Leads as lines of JSON, from which everything of them is read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, ClassVar

from pydantic import ValidationError

from leadgateway.adapter import LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Capabilities, IdempotencyKey, Lookup, Operation, Paging
from leadgateway.errors import ConfigError, MappingError, Rejected
from leadgateway.exchange import Document, Flow, Response, dumps, loads
from leadgateway.files.encoding import Encoding, encoding_of, lines
from leadgateway.files.file_adapter import FileAdapter, Layout
from leadgateway.files.lines import digest_of
from leadgateway.files.places import Place, placed
from leadgateway.files.settings import FileSettings
from leadgateway.lead import Lead
from leadgateway.mapping import CREATE, Choice, Draft, Field, Rule, RuleSet, Terms, Text, Use
from leadgateway.mapping.leaves import PATHS
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus
from leadgateway.values import ExternalRef, Issue

_UTF8 = Encoding("utf-8")
_REST = ""


class SameWord(Choice):
    """A vocabulary that is kept as it is."""

    fidelity = Fidelity.EXACT


_CODES = {
    "status": SameWord({}, LeadStatus.UNKNOWN, open_ended=True),
    "source": SameWord({}, LeadSource.UNKNOWN, open_ended=True),
    "capture": SameWord({}, CaptureMethod.UNKNOWN, open_ended=True),
}


class WholeLeads(RuleSet):
    """A table whose payload is the lead itself, as JSON: nothing is lost, no rule is needed."""

    def overridden(self, rules: Any) -> RuleSet:
        raise ValueError("a line is the whole lead: no rule can change how it is written")

    def for_terms(self, terms: Terms) -> RuleSet:
        return self

    def read(self, payload: Mapping[str, Any], terms: Terms, connection: str = "") -> Lead:
        return Lead.model_validate_json(dumps(payload))

    def write(
        self, lead: Lead, use: Use, terms: Terms, base: Mapping[str, Any] | None = None
    ) -> Draft:
        try:
            return Draft(loads(lead.model_dump_json().encode()), (), use)
        except ValueError:
            # Half a character, or a record nested deeper than JSON may be.
            raise MappingError("lead", "not_json") from None

    def echo(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return fields


RULES: tuple[Rule, ...] = tuple(
    Field(path, path, _CODES.get(path, Text()), on=CREATE) for path in PATHS
)


@dataclass(frozen=True)
class LeadLine:
    """One line that may hold a lead."""

    start: Place
    end: Place
    data: bytes

    @cached_property
    def read(self) -> Lead | str:
        """The lead, or why it is none, without a word of what the line holds."""
        return _decoded(self.data)

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.data

    @property
    def id(self) -> str:
        """The lead's own id, else a digest of the line."""
        ref = self.read.ref if isinstance(self.read, Lead) else None
        return digest_of(self.data) if ref is None else ref.id


class JsonlFile(FileAdapter[FileSettings]):
    """A lead a line, known by the id of its ref; one that is repeated is appended once."""

    vendor: ClassVar = "jsonl"
    settings_type: ClassVar = FileSettings
    rules: ClassVar = WholeLeads("jsonl", RULES)
    capabilities: ClassVar = Capabilities(
        title="JSON lines file",
        operations=frozenset({Operation.LIST, Operation.CREATE, Operation.CREATE_MANY}),
        paging=Paging(
            default_limit=200,
            max_limit=5000,
            durable_cursor=True,
            cursor_bound_to=("the file's size and time of change",),
        ),
        batch_size=200,
        idempotency=IdempotencyKey(ttl=inf),
        lookup=Lookup(),
        custom_fields=True,
        stability="a file",
    )

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        return (yield from self.naming(self._page(query, cursor)))

    def _page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        view = yield from self.look(0, 4)
        encoding = encoding_of(view.data, _UTF8.name)
        if encoding.name != _UTF8.name:
            raise ConfigError(f"the file is {encoding.name}: lines of JSON are UTF-8.")
        top = Place(encoding.mark, 1)
        layout = Layout(view.stamp, top, _split, lambda line: line.id)
        size = query.page_size or self.capabilities.paging.default_limit
        found, then = yield from self.numbered_page(layout, cursor, size)
        return Page(tuple(self._lead(line, number) for line, number in found), then)

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        [receipt] = yield from self.create_many([draft], key)
        if receipt.error is not None:
            raise receipt.error
        return receipt

    def create_many(self, drafts: Sequence[Draft], key: str | None) -> Flow[Sequence[Receipt]]:
        body = b"".join(draft.body + b"\n" for draft in drafts)
        answer = self.expect((yield from self.naming(self._append(body, key))), 200)
        return [
            self._receipt(line, draft)
            for line, draft in zip(answer.objects("lines"), drafts, strict=True)
        ]

    def _append(self, body: bytes, key: str | None) -> Flow[Response]:
        return (yield self.write("POST", body=body, key=key))

    def _receipt(self, line: Document, draft: Draft) -> Receipt:
        fate, line_id = line.take("fate", str), line.identifier("id")
        if fate == "taken":
            why = "the file has another lead of that id, or the same one with other values"
            error = Rejected(why, vendor=self.vendor)
            return Receipt(Outcome.FAILED, losses=draft.losses, error=error)
        doubt = "was_there" if fate == "there" else None
        return Receipt(Outcome.CREATED, line_id, losses=draft.losses, doubt=doubt)

    def _lead(self, line: LeadLine, number: int) -> Lead:
        where = f"line {line.start.line}"
        own = line.id if number == 1 else f"{line.id}#{number}"
        lead = line.read
        if isinstance(lead, str):
            issue = Issue(path="raw", code="not_a_lead", detail=f"{where}: {lead}")
            text = line.data.decode("utf-8", "backslashreplace")
            return Lead(ref=self._ref(own), raw={_REST: text}, issues=(issue,))
        if lead.ref is None:
            return placed(lead, self._ref(own))
        if number == 1:
            return lead
        said = f"{where}: the id stands {number - 1} times before"
        issue = Issue(path="ref", code="repeated_id", detail=said)
        ref = lead.ref.model_copy(update={"id": own})
        return placed(lead, ref, issue)

    def _ref(self, own: str) -> ExternalRef:
        return ExternalRef(vendor=self.vendor, connection=self.connection, id=own)


def _split(data: bytes, place: Place, at_end: bool) -> Iterator[LeadLine]:
    for line in lines(data, place, _UTF8, at_end=at_end):
        yield LeadLine(line.start, line.end, line.data.strip())


def _decoded(text: bytes) -> Lead | str:
    try:
        if b"NaN" in text or b"Infinity" in text:
            loads(text)
        return Lead.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = str(fault["loc"][0]) if fault["loc"] else ""
        known = field if field in Lead.model_fields else ""
        return ": ".join(part for part in (known, fault["type"]) if part)
    except ValueError:
        return "json_invalid"
