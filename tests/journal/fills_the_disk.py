"""Works on a journal until the disk is full, then finds out what is left: a program of its own.

Called with the journal's path and with `limit BYTES`, after which no file of this process may
grow, or with `disk`, where the file system itself is small and `ballast` in it can be removed.
"""

import json
import resource
import signal
import sqlite3
import sys
from pathlib import Path

from leadgateway.errors import JournalError
from leadgateway.journal import (
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    RowState,
    Settlement,
    Staged,
    open_journal,
)


def work(journal, lease, sent, first):
    """Stage, intend and settle pages until the journal fails; every settled id goes to `sent`."""
    page = first
    while True:
        rows = [Staged(f"{page}-{n}", "d" * 32, b"p" * 500) for n in range(20)]
        journal.stage(lease, rows, str(page), last=False)
        pending = journal.pending(lease.job, 20)
        intended = tuple(IntendedRow(row.seq, "f" * 300, "[]") for row in pending)
        [made] = journal.intend(lease, [Intent("create_many", None, b"b" * 4000, intended)])
        sent.append(made.id)
        ends = [Settlement(row.seq, RowState.CREATED, f"t-{row.seq}") for row in pending]
        journal.settle(lease, ends, [made.id])
        page += 1
        if page - first == 200:
            raise AssertionError("the disk was never full")


def told(path, journal, sent):
    """Return what can be found out about the journal from outside."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        [(integrity,)] = connection.execute("PRAGMA integrity_check")
        [(known,)] = connection.execute("SELECT COUNT(*) FROM leadgateway_intents")
        [(adrift,)] = connection.execute(
            "SELECT COUNT(*) FROM leadgateway_rows r JOIN leadgateway_intents i ON i.id = r.intent"
            " WHERE r.state = 'intent' AND i.is_open = 0"
        )
    connection.close()
    return {"integrity": integrity, "sent": len(sent), "known": known, "adrift": adrift}


def main() -> None:
    path, how, *limit = sys.argv[1:]
    sent: list[int] = []
    seen: list[dict] = []
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = open_journal(path)
    journal.open_job(JobRecord("job", "old", "new", "{}", "h"))
    lease = journal.claim("job", Holder(1, "host"))
    if how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), resource.RLIM_INFINITY))
    failures = []
    for again in range(3):
        try:
            work(journal, lease, sent, again * 1000)
        except JournalError as error:
            failures.append(error.exit_code)
            seen.append(told(path, journal, sent))
    if how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    else:
        (Path(path).parent / "ballast").unlink()
    [*_, last] = journal.rows("job")
    journal.settle(lease, [Settlement(last.seq, RowState.FAILED, reason="x" * 2000)], [])
    journal.release(lease)
    journal.close()
    journal = open_journal(path)
    lease = journal.claim("job", Holder(2, "host"))
    journal.stage(
        lease, [Staged(f"after-{n}", "d", b"p" * 500) for n in range(50)], "end", last=True
    )
    seen.append(told(path, journal, sent))
    journal.close()
    print(json.dumps({"failures": failures, "seen": seen}))  # noqa: T201  # the program's answer


if __name__ == "__main__":
    main()
