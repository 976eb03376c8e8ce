"""What values that do not fit do to a job: rows F1 to F9 of the table of faults."""

import json

from tests.transfer.engine.world import mega_row, novala_row, once_each

from leadgateway.mapping import STRICT, Policy
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer.operate import retry


def sent(here):
    """Return the leads that left, in batches or one by one."""
    bodies = [json.loads(post.body) for post in here.wire.passed()]
    return [lead for body in bodies for lead in body.get("leads", [body])]


def test_f1_what_is_empty_at_the_source_is_not_sent(world):
    here = world("mega")
    here.load([novala_row(0, phone=None, notes="", companyName=None)])
    assert here.run().exit_code == 0
    [lead] = sent(here)
    assert None not in lead.values()
    assert "contact_phone" not in lead


def test_f2_a_placeholder_for_a_name_that_is_wanted_is_marked_as_one(world):
    here = world("novala")
    here.load([mega_row(0, contact_name="Ana"), mega_row(1, contact_name="Ana Souza")])
    ended = here.run()
    assert ended.exit_code == 0
    assert sorted(row["firstName"] for row in here.target.tenant.leads) == ["-", "Ana"]
    marked = [any(loss.reason == "placeholder" for loss in losses_of(r.losses)) for r in ended.rows]
    assert marked == [True, False]


def test_f3_a_word_that_the_target_does_not_know_is_never_sent(world):
    here = world("mega", source="v1_leads")
    here.load([{"name": "Ana Souza", "email": "ana@example.com", "source": "pipedrive"}])
    ended = here.run()
    assert "pipedrive" not in json.dumps([lead.get("source_platform") for lead in sent(here)])
    assert any(loss.path == "source" for loss in losses_of(ended.rows[0].losses))
    assert here.wire.passed()
    here.load([{"name": "Bo Li", "email": "bo@example.com", "source": "pipedrive"}])
    strict = here.run("strict", policy=STRICT)
    assert strict.exit_code == 3
    assert strict.counts == {"skipped": 1, "failed": 1}
    assert len(here.wire.passed()) == 1


def test_f4_an_unknown_word_of_the_source_is_kept_as_it_is(world):
    here = world("apollo_space", source="mega")
    here.load([mega_row(0, status="snoozed")])
    ended = here.run()
    assert ended.exit_code == 0
    assert json.loads(ended.rows[0].payload)["status"]["native"] == "snoozed"


def test_f5_a_value_of_the_wrong_kind_is_lost_by_name_or_fails_its_row_and_no_other(world):
    here = world("mega")
    here.load([novala_row(0, customFields={"tags": ["a", "b"]}), novala_row(1)])
    ended = here.run(policy=Policy(LOST_FROM_NOVALA_TO_MEGA))
    assert [str(row.state) for row in ended.rows] == ["failed", "created"]
    assert "custom.tags dropped (not_a_scalar)" in ended.rows[0].reason
    journal = here.journal()
    assert retry(journal, "job", "FidelityError") == 1
    journal.close()
    again = here.run(policy=Policy((*LOST_FROM_NOVALA_TO_MEGA, "custom")), new_config=True)
    assert again.counts == {"created": 2}
    assert "custom.tags" in {loss.path for loss in losses_of(again.rows[0].losses)}


LOST_FROM_NOVALA_TO_MEGA = ("name", "status", "source", "capture", "created_at")


def test_f6_custom_fields_that_the_target_does_not_know_are_listed(world):
    here = world("mega")
    here.load([novala_row(0, customFields={"site_count": 3, "preferred_contact": "email"})])
    ended = here.run()
    assert ended.exit_code == 0
    unknown = {
        loss.path
        for loss in losses_of(ended.rows[0].losses)
        if loss.reason == "unknown_custom_field"
    }
    assert {"custom.site_count", "custom.preferred_contact"} <= unknown


def test_f7_a_lead_without_name_phone_and_email_is_never_sent(world):
    here = world("mega")
    here.load([novala_row(0, firstName="", lastName="", email=None, phone=None)])
    ended = here.run()
    assert ended.exit_code == 3
    assert ended.counts == {"failed": 1}
    assert "precondition" in ended.rows[0].reason
    assert here.wire.passed() == []


def test_f8_a_lead_without_a_stage_is_read(world):
    here = world("apollo_space", source="mega")
    here.load([mega_row(0, current_stage=None)])
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(1)


def test_f9_an_owner_whom_the_target_does_not_know_fails_that_row_alone(world):
    here = world("mega")
    stranger = "00000000-0000-4000-8000-00000000dead"
    here.settings["to"]["owner_map"] = {stranger: stranger}
    here.load([novala_row(0), novala_row(1, assignedTo=stranger), novala_row(2)])
    ended = here.run()
    assert ended.exit_code == 3
    assert [str(row.state) for row in ended.rows] == ["created", "failed", "created"]
    assert "owner_id" in ended.rows[1].reason
    assert ended.rows[1].payload is not None
