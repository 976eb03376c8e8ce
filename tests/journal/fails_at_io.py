"""Works on journals whose files fail to be read, written or synced: a program of its own.

Called with a folder and with `each KIND`, where in one journal after the other one call of that
kind fails, the first, the second and so on until none is left to fail; or with `now-and-then KIND
CHANCE SEED`, where each call fails by chance. `failing_io.c` must be preloaded.
"""

import ctypes
import json
import sys
from functools import partial
from pathlib import Path

from tests.journal.fills_the_disk import told

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

PAGES, ROWS = 3, 4
IO = ctypes.CDLL(None)
IO.fail_randomly.argtypes = [ctypes.c_char_p, ctypes.c_double, ctypes.c_uint]


def page(journal, lease, number, sent):
    """Take one page from its staging to its end; what was committed as intended may be sent."""
    rows = [Staged(f"{number}-{n}", "d" * 32, b"p" * 900) for n in range(ROWS)]
    journal.stage(lease, rows, str(number), last=False)
    waiting = journal.pending(lease.job, ROWS)
    intended = tuple(IntendedRow(row.seq, "f" * 300, "[]") for row in waiting)
    [made] = journal.intend(lease, [Intent("create_many", None, b"b" * 4000, intended)])
    sent.append(made.id)
    ends = [Settlement(row.seq, RowState.CREATED, f"t-{row.seq}") for row in waiting]
    journal.settle(lease, ends, [made.id])


def one(path, arm, pages):
    """Do pages while calls fail, then some more when they do not; returns what came of it.

    `while` it lasted, `then` in the same process, and `later` in the next: what was left on the
    disk as a stranger finds it.
    """
    sent, failures = [], []
    journal = open_journal(path)
    journal.open_job(JobRecord("job", "old", "new", "{}", "h"))
    lease = journal.claim("job", Holder(1, "host"))
    arm()
    for number in range(pages):
        try:
            page(journal, lease, number, sent)
        except JournalError as error:
            failures.append(error.exit_code)
    injected = IO.failures_so_far()
    IO.fail_nth(b"", 0, 0)
    seen = {"while": told(path, journal, sent)}
    page(journal, lease, pages, sent)
    journal.release(lease)
    journal.close()
    seen["then"] = told(path, journal, sent)
    journal = open_journal(path)
    page(journal, journal.claim("job", Holder(2, "host")), pages + 1, sent)
    journal.close()
    seen["later"] = told(path, journal, sent)
    return {"injected": injected, "failures": failures, "seen": seen}


def main() -> None:
    folder, how, kind, *rest = sys.argv[1:]
    found = []
    if how == "each":
        nth = 0
        while not found or found[-1]["injected"]:
            nth += 1
            path = Path(folder) / str(nth) / "journal.db"
            arm = partial(IO.fail_nth, kind.encode(), nth, 1)
            found.append(one(path, arm, PAGES))
    else:
        chance, seed = float(rest[0]), int(rest[1])
        path = Path(folder) / "journal.db"
        arm = partial(IO.fail_randomly, kind.encode(), chance, seed)
        found.append(one(path, arm, 60))
    print(json.dumps(found))  # noqa: T201  # the program's answer


if __name__ == "__main__":
    main()
