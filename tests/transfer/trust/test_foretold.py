"""In virtual time a paced move takes what its plan foretold, and nobody is refused."""

import asyncio
from pathlib import Path

import pytest
from tests.transfer.virtual_time import VirtualTime, Wire

from leadgateway.mapping import LENIENT
from leadgateway.transfer.migrate import migrate
from leadgateway.transfer.plan import plan
from leadgateway.transfer.quotas import shared_quotas
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.undo import undo
from leadgateway.transfer.verify import verify
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator


class Scene:
    """Two connections and a journal in virtual time."""

    def __init__(self, time: VirtualTime, source, target, folder: Path, name: str) -> None:
        self.time = time
        self.journal = time.journal(folder)
        self.wires = [Wire(each, time.loop, travel=0.01, latency=0.01) for each in (source, target)]
        self.source = time.connect(name, source, self.wires[0], rate_limits=source.rate_limits)
        self.target = time.connect("there", target, self.wires[1])

    @property
    def refused(self):
        return sum(wire.refused for wire in self.wires)

    @property
    def last(self):
        return max(at for wire in self.wires for at, _ in wire.sent)

    def run(self, job="job"):
        began = self.time.loop.time()
        options = JobOptions(policy=LENIENT)
        self.time.run(run_job(self.source, self.target, self.journal, job, options))
        return self.last - began


@pytest.fixture
def scene(tmp_path):
    """Open a scene; it ends with the test."""
    with VirtualTime() as time:
        opened = []

        def make(source, target, name="here"):
            opened.append(Scene(time, source, target, tmp_path, name))
            return opened[-1]

        yield make
        for each in opened:
            each.journal.close()


@pytest.mark.parametrize(
    ("source", "target", "least"),
    [
        (lambda: NovalaSimulator(leads=200, rate_limits=False), V1LeadsSimulator, 80),
        (lambda: V1LeadsSimulator(leads=150), MegaSimulator, 120),
        (lambda: MegaSimulator(leads=5_050, rate_limits=False), lambda: MegaSimulator(seed=1), 60),
    ],
    ids=["single creates", "fetched by id, as the plan did just before", "batches"],
)
def test_a_move_takes_what_its_plan_foretold(scene, source, target, least):
    made = scene(source(), target())
    foretold = made.time.run(plan(made.source, made.target)).seconds
    taken = made.run()
    assert foretold >= least
    assert taken == pytest.approx(foretold, rel=0.05)
    assert made.refused == 0


def test_a_whole_migration_is_paced_from_its_plan_to_its_proof(scene):
    made = scene(V1LeadsSimulator(leads=90), V1LeadsSimulator(seed=1))
    certificate = made.time.run(migrate(made.source, made.target, made.journal, lenient=True))
    assert certificate.verification.holds
    made.time.run(undo(made.target, made.journal, "here-to-there", look_only=True))
    assert made.time.run(verify(made.target, made.journal, "here-to-there")).holds
    assert made.last > 120
    assert made.refused == 0


def test_two_jobs_of_one_account_share_its_quota(scene, tmp_path):
    target = V1LeadsSimulator()
    one = scene(NovalaSimulator(leads=150, seed=1, rate_limits=False), target)
    two = scene(NovalaSimulator(leads=150, seed=2, rate_limits=False), target, "elsewhere")

    async def both():
        options = JobOptions(policy=LENIENT)
        await asyncio.gather(
            run_job(one.source, one.target, one.journal, "one", options),
            run_job(two.source, two.target, two.journal, "two", options),
        )

    one.time.run(both())
    assert (one.refused, two.refused) == (0, 0)
    assert len(target.tenant.leads) == 300
    sent = len(one.wires[1].sent) + len(two.wires[1].sent)
    assert (sent - 120) / max(one.last, two.last) >= 0.97


def test_a_connection_that_two_jobs_use_is_shared_until_the_last_ends(scene):
    made = scene(NovalaSimulator(leads=3, rate_limits=False), V1LeadsSimulator())
    meter = made.target.opened.meter
    with shared_quotas(made.journal, made.target):
        made.run()
        assert meter.sharers == 1
        assert meter.reserve("default", made.time.loop.monotonic()) == 0
    assert meter.sharers == 0


def test_a_token_that_is_fetched_is_known_by_its_connection(scene):
    made = scene(NovalaSimulator(leads=3, rate_limits=False), V1LeadsSimulator())
    token = made.target.settings.credential()
    simulator = V1LeadsSimulator()
    wire = Wire(simulator, made.time.loop)
    twins = [
        made.time.connect(name, simulator, wire, token=lambda: token) for name in ("a", "a", "b")
    ]

    async def draw():
        with shared_quotas(made.journal, *twins):
            for twin in twins:
                await twin.check()

    made.time.run(draw())
    names = {row["name"] for row in rows(made.journal)}
    assert len(names - {"salt"}) == 2


def test_what_is_not_paced_shares_nothing(scene):
    made = scene(NovalaSimulator(leads=3, rate_limits=False), V1LeadsSimulator())
    with shared_quotas(made.journal, made.source):
        assert made.source.opened.meter.sharers == 0
    assert rows(made.journal) == []


def rows(journal):
    """The accounts in a journal."""
    database = journal._database
    found = database.read(lambda: database.run("SELECT name FROM leadgateway_quotas", {}))
    return [{"name": name} for (name,) in found]
