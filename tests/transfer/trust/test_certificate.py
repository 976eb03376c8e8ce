"""The certificate: every lead of the source, once, with its outcome, from the journal alone."""

import hashlib
import json
import time
from collections import Counter

import pytest
from tests.transfer.trust.cabinet import CabinetSimulator

from leadgateway.errors import JournalError
from leadgateway.journal import Holder, JobRecord, JobState, RowState, Settlement, Staged
from leadgateway.transfer.certificate import DIGEST_RULE, FORMAT, certify
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer.verification import Verification
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator

LOSS = '[{"path":"notes","fidelity":"dropped","reason":"no_such_field","detail":""}]'


def novala(leads=0):
    return NovalaSimulator(leads=leads, seed=3, rate_limits=False)


@pytest.fixture
def journal(move):
    return move(novala(), CabinetSimulator()).journal


def written(journal, *settlements, job="job", staged=None):
    """Put a job into `journal` whose rows ended so, and perhaps some that did not."""
    journal.open_job(JobRecord(job, "here", "there", "{}", "hash"))
    lease = journal.claim(job, Holder(1, "nowhere"))
    count = len(settlements) if staged is None else staged
    rows = [Staged(f"id-{index}", f"digest-{index}", b"{}") for index in range(count)]
    journal.stage(lease, rows, None, last=True)
    seqs = [row.seq for row in journal.rows(job)]
    journal.settle(
        lease, [Settlement(seq, *rest) for seq, rest in zip(seqs, settlements, strict=False)]
    )
    journal.release(lease)


def test_the_leads_of_the_source_are_the_sum_of_their_outcomes(journal):
    written(
        journal,
        (RowState.CREATED, "t-1"),
        (RowState.MERGED, "t-1", "email"),
        (RowState.MERGED, "t-2"),
        (RowState.UPDATED, "t-3"),
        (RowState.SKIPPED, None, None, "left out"),
        (RowState.FAILED, None, None, "refused", "Rejected"),
        (RowState.UNKNOWN, None, None, "no answer", "OutcomeUnknown"),
        staged=8,
    )
    found = certify(journal, "job")
    assert found.leads == 8 == sum(found.outcomes.values())
    assert found.document()["outcomes"] == {
        "pending": 1, "intent": 0, "created": 1, "merged": 2, "updated": 1, "skipped": 1,
        "failed": 1, "unknown": 1,
    }  # fmt: skip
    assert found.matched_by == {"email": 1, "not told": 1}
    assert not found.complete
    assert {
        str(state): tally.rows() for state, tally in found.reasons.items()
    } == {
        "skipped": [("left out", 1, ("id-4",))],
        "failed": [("refused", 1, ("id-5",))],
        "unknown": [("no answer", 1, ("id-6",))],
        "pending": [("none given", 1, ("id-7",))],
    }  # fmt: skip


def test_the_digest_stands_for_every_lead_its_outcome_and_where_it_is(journal):
    ends = ((RowState.CREATED, "t-1"), (RowState.FAILED, None, None, "no"))
    written(journal, *ends)
    lines = '["id-0","digest-0","created","t-1"]\n["id-1","digest-1","failed",null]\n'
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert certify(journal, "job").digest == expected
    written(journal, *ends, job="the same again")
    assert certify(journal, "the same again").digest == expected
    written(journal, (RowState.CREATED, "t-2"), ends[1], job="elsewhere")
    assert certify(journal, "elsewhere").digest != expected


def test_reasons_that_differ_by_a_request_id_are_one(journal):
    ends = [
        (RowState.FAILED, None, None, f"crm answered 400 [request {n}]: no", "Rejected")
        for n in range(5)
    ]
    written(journal, *ends)
    [(reason, leads, samples)] = certify(journal, "job").reasons[RowState.FAILED].rows()
    assert (reason, leads, samples) == ("crm answered 400: no", 5, ("id-0", "id-1", "id-2"))


def test_reasons_without_end_are_counted_together(journal):
    written(journal, *[(RowState.FAILED, None, None, f"reason {n}") for n in range(205)])
    tally = certify(journal, "job").reasons[RowState.FAILED]
    assert len(tally.counts) == 201
    assert tally.counts["other reasons"] == 5
    assert sum(tally.counts.values()) == 205


def test_only_what_arrived_has_losses(journal):
    written(
        journal,
        (RowState.CREATED, "t-1", None, "", "", LOSS),
        (RowState.FAILED, None, None, "not faithful", "FidelityError", LOSS),
    )
    [row] = certify(journal, "job").losses.rows()
    assert (row["path"], row["fidelity"], row["leads"], row["samples"]) == (
        "notes", "dropped", 1, ["id-0"],
    )  # fmt: skip


def test_it_is_the_same_text_whoever_makes_it(move):
    moving = move(novala(40), MegaSimulator(rate_limits=False))
    moving.migrate()
    one, other = certify(moving.journal, "job"), certify(moving.journal, "job")
    assert one.text() == other.text()
    said = json.loads(one.text())
    assert said == json.loads(json.dumps(one.document()))
    assert list(said) == sorted(said)
    assert (said["format"], said["digest_rule"]) == (FORMAT, DIGEST_RULE)
    assert (said["job"], said["source"], said["target"]) == ("job", "here", "there")
    assert (said["leads"], said["complete"], said["state"]) == (40, True, "done")
    assert said["verification"] is None
    moving.journal.purge("job")
    assert certify(moving.journal, "job").text() == one.text()


def test_no_personal_data_is_in_it(move):
    moving = move(novala(40), MegaSimulator(rate_limits=False))
    moving.migrate()
    moving.verify()
    text = certify(moving.journal, "job").text()
    for row in moving.source_site.tenant.leads:
        for name in ("email", "phone", "notes"):
            assert not row[name] or len(row[name]) < 5 or row[name] not in text


def test_what_reading_back_found_goes_along_field_by_field(move):
    moving = move(novala(60), MegaSimulator(rate_limits=False))
    moving.migrate()
    row = moving.rows()[0]
    stored = moving.target_site.tenant.leads.get(row.target_id)
    moving.target_site.tenant.leads.put({**stored, "contact_email": "other@example.com"})
    found = moving.verify()
    certificate = certify(moving.journal, "job")
    assert certificate.verification == found
    assert certificate.is_verified
    told = certificate.document()["verification"]
    assert not told["holds"]
    assert (told["expected"], told["found"], told["compared"], told["merged"]) == (60, 60, 60, 0)
    assert told["faults"] == [{"reason": "emails", "leads": 1, "samples": (row.source_id,)}]
    names = told["fields"]["name"]
    assert names["agreeing"] + names["as_announced"] == 60
    assert told["fields"]["emails"]["faults"] == 1
    assert told["fields"]["company.name"]["agreeing"] == 0
    assert told["missing"] == []


def test_a_job_that_nobody_knows_has_none(journal):
    with pytest.raises(JournalError, match="no job 'other'"):
        certify(journal, "other")


def test_an_unfinished_job_says_so(journal):
    journal.open_job(JobRecord("empty", "here", "there", "{}", "hash"))
    found = certify(journal, "empty")
    assert not found.complete
    assert found.outcomes == Counter()
    assert found.leads == 0


def test_all_that_reading_back_found_comes_back_from_the_journal(journal):
    journal.open_job(JobRecord("job", "here", "there", "{}", "hash"))
    found = Verification("job", 9, 8, 5, 2, 1)
    found.missing.add("created", "id-1")
    for lead_id in ("id-2", "id-3", "id-4", "id-5"):
        found.faults.add("name", lead_id)
        found.announced.add(lead_id, losses_of(LOSS))
    found.spared.add("score", "id-6")
    found.agreeing.update({"emails": 5, "custom.a": 1})
    found.lost["notes"] = 4
    journal.record_verification("job", found.text())
    again = certify(journal, "job").verification
    assert again == found
    assert again.text() == found.text()
    assert again.paths == ("custom.a", "emails", "name", "notes")
    assert not again.holds


def test_a_job_is_verified_until_it_goes_on(journal):
    written(journal, (RowState.CREATED, "t-1"))
    lease = journal.claim("job", Holder(1, "nowhere"))
    assert not certify(journal, "job").is_verified
    journal.record_verification("job", Verification("job").text())
    assert not certify(journal, "job").is_verified  # it has not ended
    time.sleep(0.01)
    journal.mark(lease, JobState.DONE)
    assert not certify(journal, "job").is_verified
    journal.record_verification("job", Verification("job").text())
    assert certify(journal, "job").is_verified
    journal.mark(lease, JobState.RUNNING)
    assert not certify(journal, "job").is_verified
