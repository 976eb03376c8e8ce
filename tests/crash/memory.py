"""Measure what a migration holds in memory, and what its journal takes on disk.

    python tests/crash/memory.py [--leads 20000 ...] [--source novala] [--target mega]
        [--seed N] [--most MIB]

Both vendors are simulators in processes of their own, without rate limits. For each number of
leads a fresh process migrates them through a journal in SQLite; its own peak of resident memory is
told, how fast it was, and the size of the journal. Exits with 1 if the peak is over `--most`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crash.cases import NOVALA, launched

VICTIM = Path(__file__).with_name("victim.py")
MIB = 1024 * 1024


def measured(leads: int, asked: argparse.Namespace) -> dict:
    """Migrate so many leads and return what it took."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = launched(stack, asked.source, leads=leads, seed=asked.seed)
        target = launched(stack, asked.target, seed=asked.seed + 1)
        settings = {**target.settings, **(NOVALA if asked.target == "novala" else {})}
        journal = folder / "journal.db"
        what = {"source": source.settings, "target": settings, "journal": str(journal)}
        command = [sys.executable, VICTIM, json.dumps({**what, "concurrency": 8})]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        began = time.monotonic()
        said = process.stdout.read()
        # wait4 tells what this one process took, and not the simulators beside it.
        _, status, usage = waited(process)
        seconds = time.monotonic() - began
        told = json.loads(said.splitlines()[-1])
        if status or told.get("state") != "done":
            raise SystemExit(f"the migration did not end well: {told}")
        size = sum(each.stat().st_size for each in folder.glob("journal.db*"))
        return {
            "leads": leads, "seconds": seconds, "peak": peak(usage), "journal": size,
            "counts": told["counts"],
        }  # fmt: skip


def waited(process: subprocess.Popen) -> tuple:
    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, process.returncode, usage


def peak(usage: resource.struct_rusage) -> int:
    """Return the peak of resident memory in bytes: kibibytes on Linux, bytes on macOS."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, nargs="+", default=[20_000])
    parser.add_argument("--source", default="novala")
    parser.add_argument("--target", default="mega")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=200, help="MiB")
    asked = parser.parse_args()
    worst = 0.0
    for leads in asked.leads:
        found = measured(leads, asked)
        mib = found["peak"] / MIB
        worst = max(worst, mib)
        rate = leads / found["seconds"]
        each = found["journal"] / leads
        sys.stdout.write(
            f"{leads} leads from {asked.source} to {asked.target}: {found['counts']}, "
            f"{found['seconds']:.1f} s ({rate:.0f}/s), peak {mib:.0f} MiB, journal "
            f"{found['journal'] / MIB:.1f} MiB ({each:.0f} bytes a lead)\n"
        )
        sys.stdout.flush()
    return 1 if worst > asked.most else 0


if __name__ == "__main__":
    raise SystemExit(main())
