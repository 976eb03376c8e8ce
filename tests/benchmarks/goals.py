"""The goals: which figures each of them asks for, and whether what was measured is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.findings import Findings


@dataclass(frozen=True)
class Clause:
    """One figure of one work that a goal asks for."""

    goal: str
    work: str
    figure: str
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        bound = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return f"{self.work}: {self.figure} {bound}"

    def holds(self, value: float) -> bool:
        """Whether a measured value is enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


PEERS = ("Airbyte CDK", "dlt", "Singer SDK")
CLAUSES = (
    Clause("G1", "bulk", "rate / httpx async", least=0.5),
    Clause("G2", "single", "rate / httpx async, fast client", least=6),
    Clause("G2", "single", "rate / httpx sync, fast client", least=2.5),
    Clause("G2", "single", "rate / httpx async, over httpx", least=1.8),
    Clause("G3", "single", "rate c=64 / rate c=16", least=0.9),
    Clause("G3", "single", "50 ms late, c=64: share of 64 / 50 ms", least=0.85),
    Clause("G3", "single", "50 ms late, c=256: share of 256 / 50 ms", least=0.5),
    Clause("G4", "bulk", "rate / Airbyte CDK", least=2.5),
    Clause("G4", "bulk", "rate / dlt", least=4.5),
    Clause("G4", "bulk", "rate / Singer SDK", least=6.5),
    Clause("G4", "single", "rate / Airbyte CDK", least=3.5),
    Clause("G4", "single", "rate / dlt", least=5),
    Clause("G4", "single", "rate / Singer SDK", least=4.5),
    Clause("G5", "re-sync", "rate / httpx async moving all", least=2),
    Clause("G5", "re-sync", "rate / own full pass", least=3),
    Clause("G6", "normalise", "phones in E.164: speed / phonenumbers", least=8),
    Clause("G6", "normalise", "phones mixed: speed / phonenumbers", least=4),
    Clause("G6", "normalise", "e-mails mixed: speed / email-validator", least=8),
    Clause("G6", "normalise", "e-mails in ASCII: speed / email-validator", least=20),
    Clause("G6", "normalise", "differences", most=0),
    Clause("G7", "memory", "peak / httpx async", most=1.2),
    Clause("G7", "memory", "peak of many leads / peak of few", most=1.1),
    Clause("G7", "memory", "peak / Airbyte CDK", most=0.5),
    Clause("G7", "memory", "peak / dlt", most=0.45),
    Clause("G8", "start-up", "--help / python -c pass", most=3.5),
    Clause("G8", "start-up", "--version / python -c pass", most=3.5),
    Clause("G8", "start-up", "--help / importing everything", most=0.35),
    Clause("G9", "journal", "share of the journal in bulk CPU", most=0.25),
    Clause("G10", "quota", "least used bucket: share of its quota", least=0.98),
    Clause("G10", "quota", "answers of 429", most=0),
    Clause("G10", "quota", "plan's duration: largest error", most=0.05),
)


@dataclass(frozen=True)
class Verdict:
    """A goal with what was measured for it; a figure that is missing does not hold."""

    goal: str
    measured: Mapping[str, float | str]
    holds: bool

    def as_json(self) -> dict[str, Any]:
        """The verdict as the last line of a run tells it."""
        return {"goal": self.goal, "measured": dict(self.measured), "holds": self.holds}


def verdicts(found: Mapping[str, Findings]) -> dict[str, Verdict]:
    """Judge every goal that a work which was run has figures for."""
    judged = {}
    for goal in dict.fromkeys(clause.goal for clause in CLAUSES):
        asked = [each for each in CLAUSES if each.goal == goal and each.work in found]
        if asked:
            judged[goal] = _verdict(asked, found)
    return judged


def _verdict(asked: list[Clause], found: Mapping[str, Findings]) -> Verdict:
    measured: dict[str, float | str] = {}
    holds = True
    for clause in asked:
        work = found[clause.work]
        value = work.figures.get(clause.figure)
        if value is None:
            holds = False
            reason = work.missing.get(clause.figure, "the work did not measure it")
            measured[f"{clause.work}: {clause.figure}"] = f"not measured: {reason}"
        else:
            holds = holds and clause.holds(value)
            measured[f"{clause.work}: {clause.figure}"] = round(value, 4)
    return Verdict("; ".join(map(str, asked)), measured, holds)
