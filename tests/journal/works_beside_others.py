"""Moves a job of its own on a journal that other processes write to: a program of its own."""

import sys

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


def main() -> None:
    where, name, pages = sys.argv[1:]
    print("ready", flush=True)  # noqa: T201  # the others wait for it
    sys.stdin.readline()
    journal = open_journal(where)
    journal.open_job(JobRecord(name, name, "new", "{}", "h"))
    lease = journal.claim(name, Holder(1, name))
    for page in range(int(pages)):
        journal.stage(lease, [Staged(f"{page}-{n}", "d", b"p") for n in range(5)], None, last=False)
        rows = journal.pending(name, 5)
        intended = tuple(IntendedRow(row.seq, "{}", "[]") for row in rows)
        [made] = journal.intend(lease, [Intent("create_many", None, b"b", intended)])
        ends = [Settlement(row.seq, RowState.CREATED, f"{name}-{row.source_id}") for row in rows]
        journal.settle(lease, ends, [made.id])
    journal.release(lease)
    journal.close()


if __name__ == "__main__":
    main()
