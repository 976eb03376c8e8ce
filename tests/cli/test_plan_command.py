"""`leadgateway plan`: everything a move would do, in words and as JSON, without a write."""

import pytest

ANA = {"firstName": "Ana", "lastName": "Souza"}


def test_a_plan_is_told_in_words_and_names_the_command_that_goes_on(run, pair):
    _, target, words = pair
    shown = run("plan", *words[1:], "--limit", 30).stdout
    assert "@apollo_space.json -> @v1_leads.json: 30 leads looked at." in shown
    assert "What the move does to them:" in shown
    assert "Requests, and the time that the documented quotas allow:" in shown
    again = shown.splitlines()[-1].partition("Nothing was written. To move them: ")[2].split()
    assert target.asked("POST") == 0
    run(*again[1:])
    assert len(target.dump()) == 30


def test_a_plan_is_json_for_programs(told, pair):
    _, target, words = pair
    found = told("plan", *words[1:], "--sample", 10)
    assert (found["source"], found["target"]) == ("@apollo_space.json", "@v1_leads.json")
    assert found["looked_at"] == 10
    assert {load["reads"] for load in found["loads"]} == {True, False}
    assert set(found["refused"]) >= {"owner", "tags"}
    assert found["vendor_says"] is None
    assert any("Leads that were created stay" in said for said in found["cannot_be_undone"])
    less = told("plan", *words[1:], "--accept", "owner")
    assert set(found["refused"]) - set(less["refused"]) == {"owner"}
    assert "owner" in less["next"]
    lenient = told("plan", *words[1:], "--lenient")
    assert lenient["refused"] == []
    assert lenient["next"].endswith(" --lenient")
    assert target.asked("POST") == 0


@pytest.fixture
def to_mega(sites, saved):
    source, target = sites.start("novala"), sites.start("mega")
    source.load(
        {**ANA, "phone": "+55 11 2345-6789", "customFields": {"shoe_size": 41}},
        {**ANA, "phone": "+91 11 2345 6789", "source": "csv_import"},
        {"firstName": "Bo", "lastName": "Berg", "email": "bo@example.com"},
    )
    return target, ["plan", "--from", saved(source), "--to", saved(target)]


def test_the_vendor_itself_is_asked_where_it_can_be(told, to_mega):
    target, words = to_mega
    quiet, asked = told(*words), told(*words, "--ask-vendor")
    assert [word["word"] for word in quiet["custom_fields"]] == ["shoe_size"]
    assert asked["vendor_says"]["outcomes"]["created"] >= 1
    assert set(asked["refused"]) - set(quiet["refused"]) == {"custom.shoe_size"}
    assert target.dump() == []


def test_what_is_risky_or_has_no_word_at_the_target_is_listed(run, to_mega):
    _, words = to_mega
    shown = run(*words).stdout
    assert "Custom fields that would be written; the target must know them:" in shown
    assert "2 leads would be merged by @mega.json into 1, although nothing says" in shown
    assert "\nphone " in shown


def test_what_the_target_says_is_shown_in_words(run, to_mega):
    _, words = to_mega
    shown = run(*words, "--ask-vendor").stdout
    assert "What @mega.json itself says that it would do:" in shown
    assert "custom.shoe_size" in shown


def test_who_cannot_be_asked_is_not_asked(run, pair):
    *_, words = pair
    assert "dry_run" in run("plan", *words[1:], "--ask-vendor", code=2).stderr


def test_leads_that_cannot_go_and_words_without_a_counterpart_are_named(run, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("novala")
    source.load({"email": "a@b.example"}, {"name": "Bo Berg", "source": "trade show 2025"})
    to = saved(target, fallback_source="import")
    shown = run("plan", "--from", saved(source), "--to", to).stdout
    assert "What cannot go at all:" in shown
    assert "Words of the source that the target has none for:" in shown
    assert "trade show 2025" in shown


def test_a_table_of_text_is_planned_too(told, sites, saved, tmp_path):
    (tmp_path / "leads.csv").write_text("id,name,email\n1,Ana Souza,ana@example.com\n")
    found = told("plan", "--from", "leads.csv", "--to", saved(sites.start("v1_leads")))
    assert found["looked_at"] == 1


def test_fields_that_nobody_asks_the_source_for_are_named(run, told, sites, saved):
    source, target = sites.start("v1_leads", leads=3), saved(sites.start("mega"))
    words = ["plan", "--to", target, "--from"]
    omitted = told(*words, saved(source, read_whole=False))["unread"]
    assert len(omitted) >= 1
    line = f"Not read, for read_whole is off: {', '.join(omitted)}."
    assert line in run(*words, saved(source, read_whole=False)).stdout.splitlines()
    assert told(*words, saved(source))["unread"] == []
    assert "Not read" not in run(*words, saved(source)).stdout
