"""A table of text as a source of leads: each row is a lead, each column a field of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

from leadgateway.adapter import LeadQuery, Page, Receipt
from leadgateway.capabilities import Capabilities, Operation, Paging
from leadgateway.errors import ConfigError, Unsupported
from leadgateway.exchange import Flow, dumps
from leadgateway.files.columns import ID, rules_for
from leadgateway.files.encoding import Encoding, encoding_of, lines
from leadgateway.files.file_adapter import CHUNK, FileAdapter, Layout, View
from leadgateway.files.headers import Proposal, propose_columns
from leadgateway.files.places import Place, placed
from leadgateway.files.records import Record, delimiter_of, hint, records
from leadgateway.files.settings import CsvSettings
from leadgateway.files.sheet import NOWHERE, SHEET
from leadgateway.frozen import FrozenDict
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, RuleSet
from leadgateway.values import ExternalRef, Issue

REST = ""
"""Where `raw` keeps what stands under no header; no column is named so."""


@dataclass(frozen=True)
class Sheet:
    """What the head of one version of a file says of its rows."""

    layout: Layout[Record]
    headers: tuple[str, ...]
    columns: Mapping[str, Proposal]
    table: RuleSet


class CsvFile(FileAdapter[CsvSettings]):
    """Rows as leads, with the column `id` as their id, else a digest of the row."""

    vendor: ClassVar = "csv"
    settings_type: ClassVar = CsvSettings
    rules: ClassVar = SHEET
    capabilities: ClassVar = Capabilities(
        title="CSV file",
        operations=frozenset({Operation.LIST}),
        paging=Paging(
            default_limit=500,
            max_limit=5000,
            durable_cursor=True,
            cursor_bound_to=("the file's size and time of change",),
        ),
        stability="a file",
    )

    def check_write(self) -> None:
        raise Unsupported(self.vendor, "create", "write to a file that ends in .jsonl")

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        raise Unsupported(self.vendor, "create", "write to a file that ends in .jsonl")

    def columns(self) -> Flow[Mapping[str, Proposal]]:
        """Return what each column of the file is taken for, and why."""
        return (yield from self.naming(self._sheet())).columns

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        return (yield from self.naming(self._page(query, cursor)))

    def _page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        sheet = yield from self._sheet()
        size = query.page_size or self.capabilities.paging.default_limit
        found, then = yield from self.numbered_page(sheet.layout, cursor, size)
        return Page(tuple(self._lead(sheet, record, number) for record, number in found), then)

    def _sheet(self) -> Flow[Sheet]:
        """Read the head of the file."""
        view = yield from self.look(0, CHUNK)
        while True:
            head = _head(view, self.settings)
            if head is not None:
                break
            view = yield from self.look(0, 2 * len(view.data))
        headers, encoding, delimiter, top = head
        columns = propose_columns(headers, self.settings.columns)
        paths = {column: found.path for column, found in columns.items() if found.path}
        ids = [column for column, path in paths.items() if path == ID]
        layout = Layout(
            view.stamp,
            top,
            partial(_split, encoding, delimiter),
            lambda record: _key(headers, ids, record),
        )
        rules = rules_for(paths, self.table)
        return Sheet(layout, headers, columns, RuleSet(self.vendor, rules, NOWHERE))

    def _lead(self, sheet: Sheet, record: Record, number: int) -> Lead:
        key = sheet.layout.key(record)
        ref = ExternalRef(
            vendor=self.vendor,
            connection=self.connection,
            id=key if number == 1 else f"{key}#{number}",
        )
        where = f"line {record.start.line}"
        if record.cells is None:
            said = f"{where}: a quote is not closed, or stands inside a quoted cell"
            issue = Issue(path="raw", code="not_csv", detail=said)
            return Lead(ref=ref, raw={REST: record.text}, issues=(issue,))
        payload = _payload(sheet.headers, record.cells)
        lead = sheet.table.read(payload, self.settings, self.connection)
        issues: list[Issue] = []
        odd = len(record.cells) - len(sheet.headers)
        if odd < 0 or REST in payload:
            said = f"{where}: {abs(odd)} cells {'more' if odd > 0 else 'fewer'} than the header"
            issues.append(Issue(path="raw", code="ragged", detail=said))
        if number > 1 and not key.startswith(_DIGEST):
            said = f"{where}: the id stands {number - 1} times before"
            issues.append(Issue(path="ref", code="repeated_id", detail=said))
        return placed(lead, ref, *issues)


_DIGEST = "row-"


def _head(view: View, settings: CsvSettings) -> tuple[tuple[str, ...], Encoding, str, Place] | None:
    """Return the headers, how to read on, and where; `None` if more of the file is needed."""
    encoding = encoding_of(view.data, settings.encoding)
    place, at_end = Place(encoding.mark, 1), len(view.data) >= view.size
    data = view.data[encoding.mark :]
    first = next(lines(data, place, encoding, at_end=at_end), None)
    delimiter = settings.delimiter
    if first is not None and (told := hint(first, encoding)) is not None:
        delimiter = delimiter or told
        data, place = data[len(first.data) :], first.end
    delimiter = delimiter or delimiter_of(data, place, encoding, at_end=at_end)
    found = records(data, place, encoding, delimiter, at_end=at_end)
    header = next((record for record in found if not record.blank), None)
    if header is None and not at_end:
        return None
    if header is None or header.cells is None:
        raise ConfigError("the first line is no header of columns.")
    return _headers(header.cells), encoding, delimiter, header.end


def _headers(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns; a column without one goes by its number."""
    names = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    while len(names) > 1 and not cells[len(names) - 1].strip():
        names.pop()
    if any("\0" in name for name in names):
        raise ConfigError(
            "the header holds NUL: if the file is UTF-16 without a byte order mark, "
            'say so in the setting encoding ("utf-16-le").'
        )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"two columns have one header: {', '.join(map(repr, repeated))}.")
    return tuple(names)


def _split(encoding: Encoding, delimiter: str, data: bytes, place: Place, at_end: bool) -> Any:
    return records(data, place, encoding, delimiter, at_end=at_end)


def _payload(headers: tuple[str, ...], cells: tuple[str, ...]) -> FrozenDict:
    """Return the cells by their headers; a cell that is missing stays so."""
    payload: dict[str, Any] = dict(zip(headers, cells, strict=False))
    rest = cells[len(headers) :]
    if any(cell.strip() for cell in rest):
        payload[REST] = rest
    return FrozenDict(payload)


def _key(headers: tuple[str, ...], ids: list[str], record: Record) -> str:
    """Return the id that a row gives itself, else a digest of it that does not know its line."""
    if record.cells is None:
        return _DIGEST + sha256(record.text.encode()).hexdigest()[:24]
    payload = _payload(headers, record.cells)
    for column in ids:
        if own := payload.get(column, "").strip():
            return str(own)
    content = dumps(sorted(payload.items()))
    return _DIGEST + sha256(content).hexdigest()[:24]
