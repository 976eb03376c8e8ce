"""Leads by the command line: listing, getting, creating, previewing."""

import json

import pytest

from leadgateway.lead import Lead

COLUMNS = ("id", "name", "email", "phone", "company", "status", "source", "created")


def leads_of(text):
    return [Lead.model_validate_json(line) for line in text.splitlines()]


def test_listed_as_json_a_lead_is_a_line_that_reads_back(run, sites, saved):
    site = sites.start("v1_leads", leads=230)
    found = run("leads", "list", saved(site), "--json")
    assert found.stderr == ""
    leads = leads_of(found.stdout)
    assert {lead.ref.id for lead in leads} == {row["id"] for row in site.dump()}
    assert all(lead.ref.connection == "@v1_leads.json" for lead in leads)


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (201, 201), (999, 230)])
def test_a_limit_ends_the_list(run, sites, saved, limit, expected):
    connection = saved(sites.start("v1_leads", leads=230))
    text = run("leads", "list", connection, "--limit", limit, "--json").stdout
    assert len(leads_of(text)) == expected


def test_a_list_for_readers_has_a_heading_and_a_line_a_lead(run, sites, saved):
    site = sites.start("novala")
    site.load(
        {"firstName": "Ana", "lastName": "Souza", "email": "ana@example.com"},
        {"firstName": "Bo\x1b[31m", "lastName": "\u202eD", "companyName": "a\nb", "phone": "x"},
    )
    head, *rows = run("leads", "list", saved(site)).stdout.splitlines()
    assert head.split() == list(COLUMNS)
    assert len(rows) == 2
    assert "Ana Souza" in rows[0]
    assert "Bo\\x1b[31m \\u202eD" in rows[1]
    assert "a\\nb" in rows[1]
    assert "\x1b" not in "".join(rows)


def test_filters_reach_the_vendor(run, sites, saved):
    connection = saved(sites.start("mega", leads=60))
    text = run(
        "leads", "list", connection, "--json", "--status", "won", "--sort-by", "created_at",
        "--descending", "--created-since", "2020-01-01T00:00:00Z", "--page-size", "50",
    ).stdout  # fmt: skip
    leads = leads_of(text)
    assert leads
    assert {lead.status.native for lead in leads} == {"won"}
    assert leads == sorted(leads, key=lambda lead: lead.created_at, reverse=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--owner", "x"], "mega documents no 'filter owner'"),
        (["--sort-by", "name"], "sorts: created_at"),
        (["--page-size", "0"], "page_size"),
        (["--created-since", "yesterday"], "give a time with its zone"),
        (["--created-since", "2026-01-31T09:00:00"], "give a time with its zone"),
        (["--limit", "-1"], "-1"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(run, sites, saved, words, said):
    site = sites.start("mega", leads=3)
    assert said in run("leads", "list", saved(site), *words, code=2).stderr
    assert site.asked() == 0


def test_a_lead_is_got_for_readers_and_for_programs(run, sites, saved):
    site = sites.start("novala")
    site.load({"firstName": "Ana", "lastName": "Souza", "email": "ANA@Example.com",
               "customFields": {"tags": ["a", "b"], "budget": 12.5}})  # fmt: skip
    lead_id = site.dump()[0]["id"]
    (lead,) = leads_of(run("leads", "get", saved(site), lead_id, "--json").stdout)
    assert lead.ref.id == lead_id
    text = run("leads", "get", saved(site), lead_id).stdout
    facts = dict(line.split(None, 1) for line in text.splitlines())
    assert facts["ref.id"] == lead_id
    assert facts["name.full"] == "Ana Souza"
    assert facts["emails.0.address"] == "ANA@example.com"
    assert facts["custom.tags"] == '["a", "b"]'
    assert not any(name.startswith("raw") for name in facts)


def test_what_is_not_there_and_what_is_not_offered(run, sites, saved):
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert "leads list" in run("leads", "get", saved(sites.start("novala")), nowhere, code=3).stderr
    apollo = sites.start("apollo_space")
    assert "documents no 'get'" in run("leads", "get", saved(apollo), nowhere, code=2).stderr
    assert apollo.asked() == 0


def test_a_lead_is_created_from_options(run, sites, saved):
    site = sites.start("mega")
    words = ["--name", "Ana Souza", "--email", "ANA@Example.com", "--phone", "(11) 96123-4567"]
    words += ["--region", "BR", "--source", "referral", "--custom", "budget=12"]
    found = run("leads", "create", saved(site), *words, "--json")
    receipt = json.loads(found.stdout)
    (row,) = site.dump()
    assert (receipt["outcome"], receipt["id"]) == ("created", row["id"])
    assert row["contact_phone"] == "+5511961234567"
    assert row["source_platform"] == "referral"
    assert row["custom_fields"] == {"budget": "12"}
    assert {loss["fidelity"] for loss in receipt["losses"]} == {"normalized"}
    assert f": {row['id']}" in run("leads", "create", saved(site), *words).stdout


def test_a_merge_is_called_one(run, sites, saved):
    site = sites.start("mega")
    site.load({"contact_email": "ana@example.com"})
    words = ["--name", "Ana", "--email", "ana@example.com"]
    shown = run("leads", "create", saved(site), *words).stdout
    assert shown == f"merged: {site.dump()[0]['id']}, found by its email\n"


def test_a_loss_is_refused_until_it_is_accepted(run, sites, saved):
    site = sites.start("mega")
    words = ["--name", "Ana", "--company", "Solsticio", "--tag", "a", "--tag", "b"]
    refused = run("leads", "create", saved(site), *words, code=3)
    assert "company.name" in refused.stderr
    assert "--accept" in refused.stderr
    assert site.asked() == 0
    shown = run("leads", "create", saved(site), *words, "--accept", "company,tags").stdout
    assert shown.startswith("created")
    assert column_of(shown) == {"company.name": "dropped", "tags": "dropped"}
    run("leads", "create", saved(site), *words, "--lenient")


def column_of(text):
    rows = [line.split() for line in text.splitlines()[3:] if line]
    return {row[0]: row[1] for row in rows}


def test_a_lead_goes_from_one_vendor_to_another_as_json(run, sites, saved, tmp_path):
    novala, mega = sites.start("novala"), sites.start("mega")
    novala.load({"firstName": "Ana", "lastName": "Souza", "email": "ana@example.com"})
    got = run("leads", "get", saved(novala), novala.dump()[0]["id"], "--json").stdout
    created = run("leads", "create", saved(mega), "-", "--lenient", "--json", input=got)
    assert json.loads(created.stdout)["outcome"] == "created"
    (tmp_path / "lead.json").write_text(got)
    run("leads", "create", saved(mega), "lead.json", "--lenient", "--json")
    assert [row["contact_name"] for row in mega.dump()] == ["Ana Souza"]


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ([], None, "Describe the lead"),
        (["-", "--name", "Ana"], "{}", "Describe the lead"),
        (["-"], '{"nme": "Ana Secret"}', "nme: Extra inputs"),
        (["-"], '{"name": "Ana Secret"', "JSON: Invalid JSON"),
        (["-"], "\udcff".encode("utf-8", "surrogateescape"), "JSON: Invalid JSON"),
        (["--status", "secretly"], None, "status"),
        (["--custom", "budget"], None, "KEY=VALUE"),
        (["--custom", "=12"], None, "KEY=VALUE"),
        (["--name", "Ana", "--accept", "nothing"], None, "'nothing' is no field"),
        (["--name", "Ana", "--region", "brazil"], None, "region"),
    ],
)
def test_what_is_no_lead_is_refused_by_the_name_of_its_field(run, tmp_path, words, typed, said):
    settings = {"vendor": "mega", "token": "t", "customer_id": "0" * 32}
    (tmp_path / "mega.json").write_text(json.dumps(settings))
    found = run("leads", "create", "@mega.json", *words, input=typed, code=2)
    assert said in found.stderr
    assert "ecret" not in found.stderr.replace("secretly", "")


def test_a_key_is_sent_where_the_vendor_takes_keys(run, sites, saved):
    apollo = sites.start("apollo_space")
    for _ in range(2):
        run("leads", "create", saved(apollo), "--name", "Ana", "--key", "k-1")
    assert len(apollo.dump()) == 1
    novala = saved(sites.start("novala"), fallback_source="import")
    words = ["--name", "Ana Souza", "--key", "k-1", "--lenient"]
    assert "idempotency_key" in run("leads", "create", novala, *words, code=2).stderr


def test_a_write_without_an_answer_is_unknown(run, sites, saved):
    site = sites.start("v1_leads")
    site.break_(method="POST", after=True, raw="")
    found = run("leads", "create", saved(site), "--email", "ana@example.com", code=4)
    assert "Look whether it happened" in found.stderr
    assert found.stdout == ""


def test_ctrl_c_while_writing_says_that_nobody_knows(run, sites, saved, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("leadgateway.gateway.Connection.create_lead", interrupted)
    found = run("leads", "create", saved(sites.start("mega")), "--name", "Ana", code=130)
    assert "may have been created or not" in found.stderr
    assert "leads list @mega.json" in found.stderr


def test_a_preview_is_the_request_and_sends_nothing(run, sites, saved):
    site = sites.start("mega")
    words = ["--name", "Ana", "--email", "ANA@Example.com", "--company", "Solsticio"]
    shown = json.loads(run("leads", "preview", saved(site), *words, "--json").stdout)
    assert shown["method"] == "POST"
    assert shown["url"] == f"{site.running.url}/api/agents/crm/leads"
    assert shown["body"] == {"contact_name": "Ana", "contact_email": "ANA@example.com"}
    assert shown["refused"] == ["company.name"]
    assert {loss["path"] for loss in shown["losses"]} == {"company.name", "emails"}
    assert "authorization" not in shown["headers"]
    text = run("leads", "preview", saved(site), *words).stdout
    assert text.startswith(f"POST {shown['url']}\n")
    assert json.loads(text[text.index("{") : text.index("}") + 1]) == shown["body"]
    assert "--accept company.name" in text
    assert "Refused" not in run("leads", "preview", saved(site), *words, "--lenient").stdout
    assert site.asked() == 0
