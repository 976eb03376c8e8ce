"""Jobs in the middle of their work, and every write that their holder can ask for."""

from dataclasses import dataclass

from leadgateway.journal import (
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    Lease,
    RowState,
    Settlement,
    Staged,
)

HOLDER = Holder(4711, "host-a")
OTHER = Holder(815, "host-b")


def job(name="job", source="old", target="new"):
    """Return a job as it is before it is made."""
    return JobRecord(name, source, target, '{"lenient": false}', "hash-1")


def staged(*ids, digest="d1"):
    """Return leads as they were read."""
    return [Staged(each, f"{digest}-{each}", f'{{"name": "lead {each}"}}'.encode()) for each in ids]


def begin(journal, name="job", **connections):
    """Make a job and hold it."""
    journal.open_job(job(name, **connections))
    return journal.claim(name, HOLDER)


def intent(*seqs, operation="create", key="key-1", body=b"body", **options):
    """Return a request for these rows, before it is committed."""
    rows = tuple(IntendedRow(seq, f'{{"field": {seq}}}', f'["loss {seq}"]') for seq in seqs)
    return Intent(operation, key, body, rows, **options)


def seqs_of(journal, name="job"):
    """Return the row numbers of a job by source id."""
    return {row.source_id: row.seq for row in journal.rows(name)}


@dataclass
class Scene:
    """A job with rows in every state: its lease, the numbers of its rows, its open request."""

    lease: Lease
    seqs: dict[str, int]
    request: int


def scene(journal):
    """Lead a job to where it has something of everything.

    `same` and `changed` were moved by an earlier job; `p1` to `p3` are pending, `i1` and `i2` in
    one open request, `done`, `bad` and `odd` are created, failed and unknown.
    """
    earlier = begin(journal, "earlier")
    journal.stage(earlier, staged("same", "changed"), None, last=True)
    twins = [
        Settlement(seq, RowState.CREATED, f"t-{i}")
        for i, seq in seqs_of(journal, "earlier").items()
    ]
    journal.settle(earlier, twins)
    journal.release(earlier)
    lease = begin(journal)
    journal.stage(lease, staged("same", "p1", "p2", "p3", "i1", "i2"), "cursor-1", last=False)
    journal.stage(lease, staged("done", "bad", "odd"), "cursor-2", last=False)
    journal.stage(lease, staged("changed", digest="d2"), "cursor-3", last=False)
    seqs = seqs_of(journal)
    settled = journal.intend(lease, [intent(seqs[i], key=i) for i in ("done", "bad", "odd")])
    ends = [
        Settlement(seqs["done"], RowState.CREATED, "t-done", "id"),
        Settlement(seqs["bad"], RowState.FAILED, reason="too long", error="Rejected"),
        Settlement(seqs["odd"], RowState.UNKNOWN, reason="no answer", error="OutcomeUnknown"),
    ]
    journal.settle(lease, ends, [each.id for each in settled])
    [request] = journal.intend(lease, [intent(seqs["i1"], seqs["i2"], operation="create_many")])
    return Scene(lease, seqs, request.id)


def _settle(journal, scene):
    ends = [
        Settlement(scene.seqs["i1"], RowState.CREATED, "t-i1", "email", losses='["note"]'),
        Settlement(scene.seqs["i2"], RowState.FAILED, reason="no", error="Rejected"),
    ]
    journal.settle(scene.lease, ends, [scene.request])


def _intend(journal, scene):
    requests = [
        intent(scene.seqs["p1"], scene.seqs["p2"], operation="create_many", key=None),
        intent(scene.seqs["changed"], operation="update", target_id="t-changed"),
    ]
    journal.intend(scene.lease, requests)


WRITES = {
    "keep": lambda journal, scene: journal.keep(scene.lease),
    "reconfigure": lambda journal, scene: journal.reconfigure(scene.lease, "{}", "hash-2"),
    "mark": lambda journal, scene: journal.mark(scene.lease, JobState.PAUSED, 99.0),
    "finish": lambda journal, scene: journal.mark(scene.lease, JobState.DONE),
    "stage": lambda journal, scene: journal.stage(
        scene.lease, staged("n1", "p1", "n2"), "cursor-4", last=True
    ),
    "catch_up": lambda journal, scene: journal.catch_up(scene.lease),
    "intend": _intend,
    "resend": lambda journal, scene: journal.resend(scene.lease, scene.request),
    "settle": _settle,
    "requeue": lambda journal, scene: journal.requeue(
        scene.lease, [scene.seqs["i1"], scene.seqs["i2"], scene.seqs["bad"]]
    ),
}
"""Every write that takes a lease, on a scene."""


def told(dump):
    """Return what a dump says, without numbers that repeat nothing and times that differ."""
    numbers = {each["id"]: number for number, each in enumerate(dump["leadgateway_intents"])}
    jobs = [
        {**each, "finished_at": each["finished_at"] is not None}
        for each in _without(dump["leadgateway_jobs"], "created_at", "held_since", "lease_until",
                             "stamp")
    ]  # fmt: skip
    named = {each["id"]: each["source_id"] for each in dump["leadgateway_links"]}
    rows = [
        {**each, "intent": numbers.get(each["intent"]), "link": named[each["link"]]}
        for each in _without(dump["leadgateway_rows"], "seq")
    ]
    leads = _without(dump["leadgateway_leads"], "seq")
    intents = _without(dump["leadgateway_intents"], "id", "at")
    links = _without(dump["leadgateway_links"], "id")
    losses = dump["leadgateway_losses"]
    return {
        "jobs": jobs, "rows": rows, "leads": leads, "intents": intents, "links": links,
        "losses": losses,
    }  # fmt: skip


def _without(rows, *names):
    return [{name: row[name] for name in row if name not in names} for row in rows]
