"""The pipeline under test: the public API with all its guards, and a journal on disk.

The one argument is JSON: `{"source", "target": connection settings, "journal": where, "work",
"concurrency", "client": of the drivers or null, "job": its name}`. With `"timed"` what the journal
took is told as well.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

from stopwatch import moving
from timed_journal import TimedJournal

from leadgateway.aio import AsyncGateway
from leadgateway.mapping import Policy
from leadgateway.transfer import JobOptions, open_journal, run_job, seldom_collected

ACCEPTED = {
    "bulk": ("capture", "created_at", "emails", "name", "owner", "phones", "source", "status"),
    "single": (
        *("capture", "created_at", "custom", "emails", "intent"),
        *("name", "notes", "owner", "phones"),
    ),
}
"""What the target cannot hold of Novala's leads, field by field; any other loss fails a lead."""
READ = {"bulk": {}, "single": {"relocate": {"company.industry": "custom:industry"}}}
"""How Novala is read: where v1 has an industry of its own, so has the lead."""
KEPT = {
    "company.name": "custom:company_name",
    "intent": "custom:intent",
    "notes": "custom:notes",
}
WRITTEN = {"bulk": {"relocate": KEPT}, "single": {}}
"""How the target is written: what MEGA has no field for goes into custom fields."""
PAGE = 100
"""Leads a page, as for every rival."""


async def move(asked: Mapping[str, Any]) -> dict[str, Any]:
    gateway = AsyncGateway(environ={})
    driven = {} if asked.get("client") is None else {"client": asked["client"]}
    work = asked["work"]
    source = gateway.connect("from", **asked["source"], **driven, **READ[work], page_size=PAGE)
    target = gateway.connect("to", **asked["target"], **driven, **WRITTEN[work], settle_seconds=0)
    journal: Any = open_journal(asked["journal"])
    if asked.get("timed"):
        journal = TimedJournal(journal)
    try:
        policy = Policy(ACCEPTED[work])
        options = JobOptions(policy=policy, concurrency=asked["concurrency"])
        job = asked.get("job", "job")
        record = await run_job(source, target, journal, job, options)
        counts = {str(state): count for state, count in journal.counts(job).items()}
        told = {"state": record.state, "leads": sum(counts.values()), "counts": counts}
        if isinstance(journal, TimedJournal):
            told |= {"journal cpu": journal.cpu, "journal wall": journal.wall}
        return told
    finally:
        journal.close()
        await source.close()
        await target.close()


if __name__ == "__main__":
    with moving() as told, seldom_collected():
        told.update(asyncio.run(move(json.loads(sys.argv[1]))))
