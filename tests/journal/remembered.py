"""The journal in plain Python: what a store must remember, said as simply as can be."""

from collections import Counter
from dataclasses import dataclass, field, replace

from leadgateway.journal import (
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    Known,
    Pending,
    RowRecord,
    RowState,
)

ARRIVED = {RowState.CREATED, RowState.MERGED, RowState.UPDATED}
UNSETTLED = {RowState.PENDING, RowState.INTENT, RowState.UNKNOWN}
ENDED = {JobState.DONE, JobState.DONE_WITH_FAILURES, JobState.NEEDS_OPERATOR}


class Refused(Exception):
    """The change makes no sense."""


@dataclass
class Row:
    """A row with what only the store sees of it."""

    record: RowRecord
    linked_id: str | None
    fields: str | None = None


@dataclass
class Job:
    """A job with its rows and its requests."""

    record: JobRecord
    rows: dict[int, Row] = field(default_factory=dict)
    requests: dict[int, Intent] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    def of_request(self, request):
        """Return the numbers of the rows that were last part of a request."""
        return [seq for seq, row in self.rows.items() if row.record.intent_id == request]

    def in_doubt(self, request):
        """Whether nobody knows the end of some row of a request."""
        return any(
            self.rows[seq].record.state is RowState.UNKNOWN for seq in self.of_request(request)
        )

    def part(self, seqs):
        """Note that these rows leave the requests they were part of."""
        for request in {self.rows[seq].record.intent_id for seq in seqs} - {None}:
            self.requests[request] = self.requests[request]._replace(whole=False)

    def unsettled(self, request):
        """Whether some row of a request has no outcome."""
        return any(
            self.rows[seq].record.state is RowState.INTENT for seq in self.of_request(request)
        )


@dataclass
class Remembered:
    """Everything a journal holds; every method that changes it either does so or is `Refused`."""

    jobs: dict[str, Job] = field(default_factory=dict)
    links: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)

    def stage(self, name, rows, cursor, last):
        """Return the new rows, not numbered yet."""
        job = self.jobs[name]
        known = {row.record.source_id for row in job.rows.values()}
        new = []
        for each in rows:
            if each.source_id in known:
                continue
            known.add(each.source_id)
            link = self.links.get((job.record.source, job.record.target, each.source_id))
            same = link is not None and link[1] == each.digest
            record = RowRecord(
                0, each.source_id, each.digest, each.payload and each.payload.decode(),
                RowState.SKIPPED if same else each.state, link[0] if same else None, None,
                "unchanged since it was moved" if same else each.reason, each.error, each.losses,
                None, None,
            )  # fmt: skip
            fields = None if each.fields is None else each.fields.decode()
            new.append(Row(record, link[0] if link else None, fields))
        job.record = replace(job.record, cursor=cursor, reading_done=last)
        self._hold_back(name, [*job.rows.values(), *new])
        return new

    def catch_up(self, name):
        """Let rows that wait know what other jobs did."""
        job = self.jobs[name]
        waiting = [row for row in job.rows.values() if row.record.state is RowState.PENDING]
        for row in waiting:
            key = (job.record.source, job.record.target, row.record.source_id)
            if key not in self.links:
                continue
            row.linked_id, digest = self.links[key]
            row.record = row.record._replace(reason="")
            if digest == row.record.digest:
                row.record = row.record._replace(
                    state=RowState.SKIPPED, target_id=row.linked_id,
                    reason="unchanged since it was moved",
                )  # fmt: skip
            elif self._overtaken(name, row, digest):
                row.record = row.record._replace(
                    state=RowState.SKIPPED, target_id=row.linked_id,
                    reason="a later job moved it as it was then",
                )  # fmt: skip
        self._hold_back(name, waiting)

    def _overtaken(self, name, row, digest):
        ours = self.jobs[name].record
        return any(
            later.record.source_id == row.record.source_id
            and later.record.seq > row.record.seq
            and later.record.digest == digest
            for other, job in self.jobs.items()
            if other != name
            and (job.record.source, job.record.target) == (ours.source, ours.target)
            for later in job.rows.values()
        )

    def _hold_back(self, name, rows):
        ours = self.jobs[name].record
        doubtful = {
            row.record.source_id
            for other, job in self.jobs.items()
            for row in job.rows.values()
            if other != name
            and (job.record.source, job.record.target) == (ours.source, ours.target)
            and row.record.state in {RowState.INTENT, RowState.UNKNOWN}
        }
        for row in rows:
            if row.record.state is RowState.PENDING and row.record.source_id in doubtful:
                row.record = row.record._replace(
                    state=RowState.SKIPPED,
                    reason="in doubt in another job of these connections: resolve it there",
                )  # fmt: skip

    def intend(self, name, made):
        """Take requests in that were just committed."""
        job = self.jobs[name]
        for request in made:
            job.requests[request.id] = request
            job.part([row.seq for row in request.rows])
            for intended in request.rows:
                row = job.rows[intended.seq]
                if row.record.state not in {RowState.PENDING, RowState.INTENT}:
                    raise Refused
                row.fields = intended.fields
                row.record = row.record._replace(
                    state=RowState.INTENT, intent_id=request.id, losses=intended.losses
                )

    def settle(self, name, settlements, closed):
        """End rows and close requests."""
        job = self.jobs[name]
        job.part([end.seq for end in settlements if end.state is RowState.PENDING])
        for end in settlements:
            row = job.rows[end.seq]
            row.record = row.record._replace(
                state=end.state, target_id=end.target_id, matched_by=end.matched_by,
                reason=end.reason, error=end.error,
                losses=row.record.losses if end.losses is None else end.losses,
                before=end.before or row.record.before,
            )  # fmt: skip
            if end.state in ARRIVED and end.target_id is not None:
                key = (job.record.source, job.record.target, row.record.source_id)
                self.links[key] = (end.target_id, row.record.digest)
        if any(job.unsettled(request) for request in closed):
            raise Refused
        job.closed |= set(closed)

    def requeue(self, name, seqs):
        """Make rows wait again."""
        job = self.jobs[name]
        job.part(seqs)
        for seq in seqs:
            row = job.rows[seq]
            if row.record.state in ARRIVED or row.record.payload is None:
                raise Refused
            row.fields = None
            row.record = row.record._replace(
                state=RowState.PENDING, target_id=None, matched_by=None, reason="",
                error="", losses="[]",
            )  # fmt: skip
        requests = {job.rows[seq].record.intent_id for seq in seqs} - {None} - job.closed
        if any(job.unsettled(request) for request in requests):
            raise Refused
        job.closed |= {request for request in requests if not job.in_doubt(request)}

    def resend(self, name, request):
        """Count that a request leaves again."""
        requests = self.jobs[name].requests
        requests[request] = requests[request]._replace(sends=requests[request].sends + 1)

    def mark(self, name, state, until):
        """Note where a job stands."""
        job = self.jobs[name]
        ended = 1.0 if state in ENDED else None
        job.record = replace(job.record, state=state, paused_until=until, finished_at=ended)

    def purge(self, name):
        """Forget the payloads of what is settled with its request; returns of how many."""
        job = self.jobs[name]
        still_open = job.requests.keys() - job.closed
        purged = [
            row for row in job.rows.values()
            if row.record.payload is not None and row.record.state not in UNSETTLED
            and row.record.intent_id not in still_open
        ]  # fmt: skip
        for row in purged:
            row.fields = None
            row.record = row.record._replace(payload=None, before=None)
        return len(purged)

    def reconfigure(self, name, config, config_hash):
        """Take another configuration, for which rows that wait have no draft."""
        job = self.jobs[name]
        job.record = replace(job.record, config=config, config_hash=config_hash)
        for row in job.rows.values():
            if row.record.state is RowState.PENDING:
                row.fields = None
                row.record = row.record._replace(losses="[]")

    # What can be asked

    def rows(self, name, states=()):
        """Return the rows of a job in their order."""
        held = sorted(self.jobs[name].rows.items())
        rows = [row.record._replace(fields=row.fields) for _, row in held]
        return [row for row in rows if not states or row.state in states]

    def pending(self, name, limit):
        """Return the rows that wait, with the payload of those that are to be looked at again."""
        waiting = [
            Pending(seq, row.record.source_id,
                    row.record.payload if row.fields is None or row.linked_id else "",
                    row.linked_id, row.record.intent_id, row.fields, row.record.losses)
            for seq, row in sorted(self.jobs[name].rows.items())
            if row.record.state is RowState.PENDING
        ]  # fmt: skip
        return waiting[:limit]

    def open_requests(self, name):
        """Return the requests nobody is done with, each with the rows it still stands for."""
        job = self.jobs[name]
        found = []
        for number, request in sorted(job.requests.items()):
            if number not in job.closed:
                rows = [
                    IntendedRow(seq, job.rows[seq].fields, job.rows[seq].record.losses)
                    for seq in sorted(job.of_request(number))
                    if job.rows[seq].record.state is not RowState.PENDING
                ]
                found.append(request._replace(rows=tuple(rows)))
        return found

    def known(self, name, source_id):
        """Return whether a lead is staged, and what it was when it was moved."""
        job = self.jobs[name]
        ids = {row.record.source_id for row in job.rows.values()}
        key = (job.record.source, job.record.target, source_id)
        return Known(source_id in ids, self.links[key][1] if key in self.links else None)

    def counts(self, name):
        """Return how many rows stand where."""
        return Counter(row.state for row in self.rows(name))

    def shared(self, name):
        """Return the ids of a job's rows that another lead has become as well."""
        ours = self.jobs[name].record
        return {
            row.record.target_id
            for row in self.jobs[name].rows.values()
            for (source, target, lead), link in self.links.items()
            if target == ours.target and link[0] == row.record.target_id
            and (source, lead) != (ours.source, row.record.source_id)
        }  # fmt: skip

    def superseded(self, name):
        """Return the numbers of a job's rows whose lead another job wrote since."""
        target = self.jobs[name].record.target
        written = {RowState.INTENT, RowState.UNKNOWN} | ARRIVED
        later = [
            row.record
            for other, job in self.jobs.items()
            for row in job.rows.values()
            if other != name and job.record.target == target and row.record.state in written
        ]
        return {
            seq
            for seq, row in self.jobs[name].rows.items()
            for other in later
            if None not in (row.record.target_id, row.record.intent_id, other.intent_id)
            and other.target_id == row.record.target_id
            and other.intent_id > row.record.intent_id
        }

    def linked(self, name, ids):
        """Return which ids belong to some lead at the job's target."""
        target = self.jobs[name].record.target
        taken = {link[0] for (_, there, _), link in self.links.items() if there == target}
        return taken & set(ids)
