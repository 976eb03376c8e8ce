"""Kill a migration with `kill -9` at random moments, resume it each time, and compare the dumps.

    python tests/crash/kill_at_random.py [--leads 5000] [--kills 20] [--source novala]
        [--target mega] [--journal FILE_OR_URL] [--seed N]

Both vendors are simulators in processes of their own. What must be there in the end is what the
same migration makes at a fresh target when nobody disturbs it; ids and times aside, the two
targets' dumps must be the same. A migration that ends before all kills are spent is followed by
another one. Exits with 1 if a lead was lost or doubled.
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
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crash.cases import NOVALA, Vendor, launched

VICTIM = Path(__file__).with_name("victim.py")
VOLATILE = {"id", "customer_id", "created_at", "updated_at", "createdAt", "updatedAt"}
LATE = 0.2


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
    kills: list[float] = field(default_factory=list)

    def process(self, journal: str) -> subprocess.Popen:
        asked = {
            "source": self.source.settings, "target": {**self.target.settings, **self.settings},
            "journal": journal, "concurrency": 8,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, VICTIM, json.dumps(asked)], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        return process

    def undisturbed(self, journal: str) -> tuple[Counter[str], float]:
        """Migrate once from start to end; return what that makes, and how long it took."""
        self.target.clear()
        process = self.process(journal)
        began = time.monotonic()
        told = self.finish(process)
        return self.compare_counts(told), time.monotonic() - began

    def finish(self, process: subprocess.Popen) -> dict:
        said, _ = process.communicate()
        told = json.loads(said) if said else {}
        if told.get("state") != "done":
            raise SystemExit(f"the migration did not end well: {told}")
        return told

    def compare_counts(self, told: dict) -> Counter[str]:
        found = dump(self.target)
        made = told["counts"].get("created", 0)
        if found.total() != made:
            raise SystemExit(f"the journal says {made} created, the target has {found.total()}")
        return found

    def disturbed(self, journal: str, kills: int, seconds: float) -> Counter[str]:
        """Migrate, killed at most `kills` times on the way; return what that makes."""
        self.target.clear()
        while kills:
            process = self.process(journal)
            # Mostly soon, so that many kills hit one migration; now and then late, so that what
            # has to begin anew, as reading without a lasting cursor, gets to its end.
            late = self.chance.random() < LATE
            wait = self.chance.uniform(0, seconds if late else 2 * seconds / (kills + 1))
            try:
                process.wait(wait)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills -= 1
                self.kills.append(wait)
                there = len(self.target.dump())
                say(f"  kill {len(self.kills):2}: after {wait:.2f} s, {there} leads are there")
            else:
                return self.compare_counts(self.finish(process))
        return self.compare_counts(self.finish(self.process(journal)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--source", default="novala")
    parser.add_argument("--target", default="mega")
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
        trial = Trial(source, target, settings, chance)
        wanted, seconds = trial.undisturbed(str(folder / "undisturbed.db"))
        say(
            f"{asked.leads} leads from {asked.source} to {asked.target}, seed {asked.seed}: "
            f"{wanted.total()} created in {seconds:.1f} s undisturbed"
        )
        while len(trial.kills) < asked.kills:
            rounds += 1
            journal = asked.journal or str(folder / f"round-{rounds}.db")
            found = trial.disturbed(journal, asked.kills - len(trial.kills), seconds)
            lost += (wanted - found).total()
            doubled += (found - wanted).total()
            say(f"  migration {rounds} is complete: {found.total()} leads")
            if asked.journal:
                break
    say(f"killed {len(trial.kills)} times: {lost} lost, {doubled} doubled")
    return 1 if lost or doubled or not trial.kills else 0


if __name__ == "__main__":
    raise SystemExit(main())
