"""Previews and fidelity, which need no network, and requests of ones own."""

import json

import pytest
from tests.gateway.vendors import EACH, LIST_PATH, ana

from leadgateway.errors import (
    AuthError,
    ConfigError,
    MappingError,
)
from leadgateway.exchange import Effect
from leadgateway.lead import Lead
from leadgateway.taxonomy import Fidelity

# Looking without touching


@EACH
def test_a_preview_is_the_exact_request_and_needs_no_network(face, site, vendor):
    here = site(vendor)
    driver = face.driver(lambda request: AssertionError("sent"))
    silent = face.open(vendor, driver=driver, **here.settings)
    preview = silent.preview(ana())
    assert driver.sent == []

    sent = []

    def script(request):
        sent.append(request)
        return 403, {}

    with pytest.raises(AuthError):
        face.open(vendor, driver=face.driver(script), **here.settings).create_lead(
            ana(), lenient=True
        )
    assert (preview.method, preview.url) == (sent[0].method, sent[0].url)
    assert dict(preview.body) == json.loads(sent[0].body)
    credential = {"authorization", "x-customer-id", "x-organization-id"}
    for name, value in preview.headers.items():
        assert sent[0].header(name) == value or name == "idempotency-key"
    assert not credential & preview.headers.keys()
    assert here.settings["token"] not in repr(preview)
    assert "ana0@" not in repr(preview)


@EACH
def test_a_preview_names_what_strict_would_refuse_and_what_is_accepted(face, site, vendor):
    connection = face.at(site(vendor))
    lead = ana(interaction_count=3)
    preview = connection.preview(lead)
    assert "interaction_count" in {loss.path for loss in preview.refused}
    assert set(preview.refused) <= set(preview.losses)
    assert connection.preview(lead, lenient=True).refused == ()
    accepted = connection.preview(lead, accept=["interaction_count"]).refused
    assert "interaction_count" not in {loss.path for loss in accepted}


def test_a_preview_of_what_cannot_be_written_says_why(face, site):
    with pytest.raises(MappingError, match="needs"):
        face.at(site("v1_leads")).preview(Lead(name="Ana"))


def test_the_fidelity_between_two_vendors_needs_neither_network_nor_credentials(face):
    gateway = face.gateway()
    report = gateway.fidelity("novala", "mega")
    assert (report.source, report.target) == ("novala", "mega")
    assert report.fields


def test_fidelity_heeds_what_the_target_connection_relocates(face):
    environ = {
        "LEADGATEWAY_M_VENDOR": "mega",
        "LEADGATEWAY_M_RELOCATE": '{"notes": "custom:notes"}',
    }
    gateway = face.gateway(environ=environ)

    def of_notes(target: str) -> list[Fidelity]:
        return [f.fidelity for f in gateway.fidelity("novala", target).fields if f.path == "notes"]

    assert of_notes("mega") == [Fidelity.DROPPED]
    assert of_notes("m") == [Fidelity.RELOCATED]


def test_fidelity_of_a_connection_that_is_configured_badly_names_the_setting(face):
    environ = {"LEADGATEWAY_MEGA_SOURCE_MAP": '{"x": "nowhere"}'}
    with pytest.raises(ConfigError, match="source_map"):
        face.gateway(environ=environ).fidelity("novala", "mega")


# Passthrough


@EACH
def test_a_request_of_ones_own_goes_out_with_the_auth_of_the_connection(face, site, vendor):
    here = site(vendor, leads=3)
    answer = face.at(here).request("get", LIST_PATH[vendor], params={"limit": 2})
    assert answer.status == 200
    assert len(here.asked) == 1
    assert "limit=2" in here.asked[0]


def test_parameters_are_written_as_a_query_has_them(face, site):
    here = site("v1_leads")
    connection = face.at(here)
    connection.request("GET", "/api/v1/leads", params={"a b": True, "none": None, "n": 1.5})
    assert here.asked == ["GET /api/v1/leads?a%20b=true&n=1.5 400"]


def test_any_answer_to_a_request_of_ones_own_is_given_back(face, site):
    here = site("novala", leads=1)
    connection = face.at(here)
    assert connection.request("GET", "/nowhere").status == 404
    assert connection.request("DELETE", f"/api/v1/leads/{here.ids[0]}").status == 405
    refused = connection.request("POST", "/api/v1/leads", json={"shoe": 1})
    assert refused.status == 400
    assert refused.document().value


def test_a_write_of_ones_own_is_not_repeated(face, site):
    here = site("novala")
    here.fail(method="POST", times=None, status=503)
    assert face.at(here).request("POST", "/api/v1/leads", json={}).status == 503
    assert len(here.asked) == 1
    assert face.naps == []


def test_a_read_of_ones_own_is_repeated(face, site):
    here = site("novala")
    here.fail(method="GET", times=1, status=503)
    assert face.at(here).request("GET", "/api/v1/leads").status == 200
    assert len(face.naps) == 1


@pytest.mark.parametrize(
    "path",
    [
        "", "leads", "//evil.example/x", "/\\evil.example", "https://evil.example/", "@evil.test",
        "/a b", "/a\nb", "/../x", "/a/%2e%2e/b", "/ü", "/a?b=c", "/a#b", "/{id}", ".evil.example/",
    ],
)  # fmt: skip
def test_a_path_that_could_lead_elsewhere_is_refused_without_a_request(face, site, path):
    here = site("novala")
    with pytest.raises(ConfigError, match="path"):
        face.at(here).request("GET", path)
    assert here.asked == []


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\n", "G T", "gét"])
def test_a_method_that_is_none_is_refused_without_a_request(face, site, method):
    here = site("novala")
    with pytest.raises(ConfigError):
        face.at(here).request(method, "/api/v1/leads")
    assert here.asked == []


def test_requests_of_ones_own_say_what_repeating_them_would_do(face, site):
    here = site("novala")
    driver = face.driver(lambda request: (200, {}))
    connection = face.open("novala", driver=driver, **here.settings)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        connection.request(method, "/x")
    assert [request.effect for request in driver.sent] == [Effect.READ] * 2 + [Effect.ONCE] * 4
