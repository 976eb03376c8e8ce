"""From a page of the source to rows of the journal: only what is new or changed is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from leadgateway.exchange import dumps
from leadgateway.journal import Known, Staged
from leadgateway.lead import Lead
from leadgateway.records import Records
from leadgateway.transfer.book import Book
from leadgateway.transfer.encode import digest_of, payload_of
from leadgateway.transfer.prepare import Met, Preparer

_NEW: Final = Known(staged=False, moved=None)


@dataclass
class Intake:
    """Takes in the pages of one job's source, each new lead with what it is to be written as.

    What is staged already is passed over, and a record that is as it was when it was moved is not
    even read.
    """

    book: Book
    preparer: Preparer

    def prefix(self, leads: Sequence[Lead], most: int) -> int:
        """Return how long a beginning of a page holds no more than `most` leads not staged yet."""
        if isinstance(leads, Records):
            ids = list(leads.ids)
        else:
            ids = [source_id for source_id, _ in _records(leads)]
        known = self.book.journal.known(self.book.job, ids)
        new: set[str] = set()
        for place, source_id in enumerate(ids):
            if not known.get(source_id, _NEW).staged:
                new.add(source_id)
            if len(new) > most:
                return place
        return len(ids)

    def rows(self, leads: Sequence[Lead]) -> list[Staged]:
        """Return the rows for the leads of a page that are not staged yet."""
        page: dict[str, tuple[int, bytes]] = {}
        for index, (source_id, record) in enumerate(_records(leads)):
            page.setdefault(source_id, (index, record))
        known = self.book.journal.known(self.book.job, list(page))
        new, rows = [], {}
        for source_id, (index, record) in page.items():
            earlier = known.get(source_id, _NEW)
            if earlier.staged:
                continue
            digest = digest_of(record)
            if earlier.moved is None:
                new.append(Met(source_id, digest, leads[index]))
            else:
                payload = None if earlier.moved == digest else payload_of(leads[index])
                rows[source_id] = Staged(source_id, digest, payload)
        rows |= {row.source_id: row for row in self.preparer.take_in(new)}
        return [rows[source_id] for source_id in page if source_id in rows]


def _records(leads: Sequence[Lead]) -> Iterator[tuple[str, bytes]]:
    """Yield the id of each lead and the bytes that its digest is of, reading as few as possible."""
    if isinstance(leads, Records):
        for source_id, listed in zip(leads.ids, leads.records, strict=True):
            yield source_id, dumps(listed, was_read=True)
        return
    for lead in leads:
        record = dumps(lead.raw) if lead.raw else payload_of(lead)
        yield lead.ref.id if lead.ref else digest_of(record), record
