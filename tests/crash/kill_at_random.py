"""Kill a migration with `kill -9` while it writes, resume it each time, and compare the dumps.

    python tests/crash/kill_at_random.py [--leads 5000] [--kills 20] [--source novala]
        [--target mega] [--allow-merge] [--journal FILE_OR_URL] [--seed N]

Both vendors are simulators in processes of their own. A process is killed when a random number of
its requests that write have come to the target, and a random moment has passed since. What must
be there in the end is what the same migration makes at a fresh target when nobody disturbs it; ids
and times aside, the two targets' dumps must be the same. A migration that ends before all kills
are spent is followed by another one. Exits with 1 if a lead was lost or doubled.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crash.cases import NOVALA, Vendor, launched

from leadgateway.journal import RowState, open_journal

VICTIM = Path(__file__).with_name("victim.py")
VOLATILE = {"id", "customer_id", "created_at", "updated_at", "createdAt", "updatedAt"}
POLL = 0.005
MOMENT = 0.05
"""A kill falls up to so many seconds after the request that was waited for."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def dump(vendor: Vendor) -> Counter[str]:
    """Return how often each lead is there, without what no two writes of it share."""
    kept = ({k: v for k, v in row.items() if k not in VOLATILE} for row in vendor.dump())
    return Counter(json.dumps(row, sort_keys=True) for row in kept)


@dataclass
class Trial:
    """One migration after another between two vendors, each started as often as it is killed."""

    source: Vendor
    target: Vendor
    settings: dict
    chance: random.Random
    allow_merge: bool
    kills: int = 0
    in_doubt: int = 0

    def process(self, journal: str) -> subprocess.Popen:
        asked = {
            "source": self.source.settings, "target": {**self.target.settings, **self.settings},
            "journal": journal, "concurrency": 8, "allow_merge": self.allow_merge,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, VICTIM, json.dumps(asked)], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        return process

    def undisturbed(self, journal: str) -> tuple[Counter[str], int]:
        """Migrate once from start to end; return what that makes, and in how many writes."""
        self.target.clear()
        before = self.target.writes()
        told = self.finish(self.process(journal))
        return self.compare_counts(told), self.target.writes() - before

    def finish(self, process: subprocess.Popen) -> dict:
        said, _ = process.communicate()
        told = json.loads(said) if said else {}
        if told.get("state") not in {"done", "done_with_failures"}:
            raise SystemExit(f"the migration did not end well: {told}")
        return told

    def compare_counts(self, told: dict) -> Counter[str]:
        found = dump(self.target)
        made = told["counts"].get("created", 0)
        if found.total() != made:
            raise SystemExit(f"the journal says {made} created, the target has {found.total()}")
        return found

    def disturbed(self, journal: str, kills: int, writes: int) -> Counter[str]:
        """Migrate in about so many writes, killed on the way; return what that makes."""
        self.target.clear()
        while kills:
            most = max(1, 2 * writes // (kills + 1))
            process = self.process(journal)
            if not self.comes_to(self.chance.randint(1, most), process):
                return self.compare_counts(self.finish(process))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills -= 1
            self.account(journal)
        return self.compare_counts(self.finish(self.process(journal)))

    def comes_to(self, writes: int, process: subprocess.Popen) -> bool:
        """Wait until so many writes came and a moment has passed; tell whether it still runs."""
        before = self.target.writes()
        while self.target.writes() - before < writes:
            if process.poll() is not None:
                return False
            time.sleep(POLL)
        time.sleep(self.chance.uniform(0, MOMENT))
        return process.poll() is None

    def account(self, where: str) -> None:
        """Say what a kill left behind."""
        journal = open_journal(where)
        counts = journal.counts("job")
        journal.close()
        self.kills += 1
        self.in_doubt += bool(counts[RowState.INTENT])
        say(
            f"  kill {self.kills:2}: {len(self.target.dump())} leads are there, "
            f"{counts[RowState.CREATED]} known as created, {counts[RowState.INTENT]} in doubt"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--source", default="novala")
    parser.add_argument("--target", default="mega")
    parser.add_argument("--allow-merge", action="store_true", help="write while reading")
    parser.add_argument("--journal", help="default: a file in a temporary folder")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    lost = doubled = rounds = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = launched(stack, asked.source, leads=asked.leads, seed=asked.seed)
        target = launched(stack, asked.target, seed=asked.seed + 1)
        settings = {**(NOVALA if asked.target == "novala" else {}), "settle_seconds": 0.5}
        trial = Trial(source, target, settings, chance, asked.allow_merge)
        wanted, writes = trial.undisturbed(str(folder / "undisturbed.db"))
        say(
            f"{asked.leads} leads from {asked.source} to {asked.target}, seed {asked.seed}: "
            f"{wanted.total()} created in {writes} requests undisturbed"
        )
        while trial.kills < asked.kills:
            rounds += 1
            journal = asked.journal or str(folder / f"round-{rounds}.db")
            found = trial.disturbed(journal, asked.kills - trial.kills, writes)
            lost += (wanted - found).total()
            doubled += (found - wanted).total()
            say(f"  migration {rounds} is complete: {found.total()} leads")
            if asked.journal:
                break
    say(
        f"killed {trial.kills} times, {trial.in_doubt} times with writes in doubt: "
        f"{lost} lost, {doubled} doubled"
    )
    return 1 if lost or doubled or not trial.kills else 0


if __name__ == "__main__":
    raise SystemExit(main())
