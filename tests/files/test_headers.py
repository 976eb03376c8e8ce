"""What columns are taken for, and what may be said about them."""

import pytest

from leadgateway.errors import ConfigError
from leadgateway.files.columns import TARGETS, target_of
from leadgateway.files.headers import BY_NAME, CONFIGURED, NO_FIELD, propose_columns


def paths(*headers, **chosen):
    return {name: found.path for name, found in propose_columns(headers, **chosen).items()}


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("E-mail", "emails"),
        ("EMAIL ADDRESS", "emails"),
        ("email_2", "emails"),
        ("Mobile", "phones"),
        ("Phone 1", "phones"),
        ("First Name", "name.given"),
        ("last_name", "name.family"),
        ("Full Name", "name"),
        ("Organisation", "company.name"),
        ("Empresa", "company.name"),
        ("Situação", "status"),
        ("company.size", "company.size"),
        ("Company Size", "company.size"),
        ("qualification.pain_points", "qualification.pain_points"),
        ("Pain points", "qualification.pain_points"),
        ("UTM-Source", "attribution.utm_source"),
        ("attribution.any", "attribution.any"),
        ("custom.any", "custom.any"),
        ("Created On", "created_at"),
        ("Lead ID", "id"),
        ("Currency", "value.currency"),
        ("Owner Email", "owner.email"),
    ],
)
def test_a_header_names_its_field(header, path):
    assert propose_columns([header])[header].path == path
    assert propose_columns([header])[header].reason == BY_NAME


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("Favourite Colour", "custom.favourite_colour"),
        ("電話の色", "custom.電話の色"),
        ("Company 2", "custom.company_2"),
        ("***", "custom.column"),
        ("custom.", "custom.custom"),
    ],
)
def test_a_column_without_a_field_is_kept_as_a_custom_one(header, path):
    assert propose_columns([header])[header].path == path
    assert propose_columns([header])[header].reason == NO_FIELD


def test_no_two_columns_become_one_value():
    found = propose_columns(["Car color", "car_color", "Company", "Organization", "CAR COLOR"])
    assert [each.path for each in found.values()] == [
        "custom.car_color",
        "custom.car_color_2",
        "company.name",
        "custom.organization",
        "custom.car_color_3",
    ]
    assert found["Organization"].reason == "'Company' is that field: kept as a custom field"


def test_several_columns_may_be_addresses_and_numbers():
    assert paths("Email", "Work email", "Mobile", "WhatsApp", "Tags", "Labels") == {
        "Email": "emails",
        "Work email": "emails",
        "Mobile": "phones",
        "WhatsApp": "phones",
        "Tags": "tags",
        "Labels": "tags",
    }


def test_what_somebody_chose_wins():
    found = propose_columns(
        ["Company", "Firm", "Email", "Junk"],
        {"Firm": "company.name", "Junk": "", "Email": "custom.login"},
    )
    assert {name: each.path for name, each in found.items()} == {
        "Company": "custom.company",
        "Firm": "company.name",
        "Email": "custom.login",
        "Junk": "",
    }
    assert found["Firm"].reason == found["Junk"].reason == CONFIGURED


def test_a_chosen_column_must_be_there():
    with pytest.raises(ConfigError, match=r"no column 'Frim'; columns: 'Firm'"):
        propose_columns(["Firm"], {"Frim": "company.name"})


@pytest.mark.parametrize("path", ["emial", "custom", "custom.", "attribution", "raw", "name.x", 7])
def test_a_path_that_is_no_field_is_refused(path):
    with pytest.raises(ConfigError, match="no field of a lead"):
        target_of(path)


@pytest.mark.parametrize(
    ("alias", "path"),
    [
        ("email", "emails"),
        ("phone", "phones"),
        ("company", "company.name"),
        ("owner", "owner.name"),
        ("stage", "stage.name"),
        ("value.amount", "value"),
        ("name.full", "name"),
    ],
)
def test_short_names_of_fields_are_taken(alias, path):
    assert target_of(alias) == target_of(path)


def test_every_target_is_found_by_its_own_name():
    assert paths(*TARGETS) == {path: path for path in TARGETS}
