"""Where settings come from, which of them wins, and what an error about one may say."""

import logging
import traceback
from pathlib import Path

import pytest

import leadgateway
from leadgateway.aio import AsyncGateway
from leadgateway.config import Configuration
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.gateway import Gateway
from leadgateway.taxonomy import LeadSource

CUSTOMER = "123e4567-e89b-12d3-a456-426614174000"
CANARY = "canary-7f3a9"


def opened(name: str, environ: dict[str, str] | None = None, file: Path | None = None, **given):
    return Gateway(environ=environ or {}, config_file=file).connect(name, **given).opened


def settings_of(*args, **given):
    return opened(*args, **given).adapter.settings


@pytest.fixture
def toml(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "leadgateway.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_arguments_win_over_the_environment_and_that_over_the_file(toml):
    file = toml(
        f"""
        [connections.shop]
        vendor = "mega"
        token = "from-file"
        customer_id = "{CUSTOMER}"
        region = "BR"
        zone = "America/Sao_Paulo"
        """
    )
    environ = {"LEADGATEWAY_SHOP_TOKEN": "from-environ", "LEADGATEWAY_SHOP_REGION": "PT"}
    found = settings_of("shop", environ, file, token="from-call")
    assert found.credential() == "from-call"
    assert found.region == "PT"
    assert found.zone == "America/Sao_Paulo"


def test_a_vendor_is_a_connection_of_its_own_name():
    environ = {"LEADGATEWAY_MEGA_TOKEN": "t", "LEADGATEWAY_MEGA_CUSTOMER_ID": CUSTOMER}
    assert opened("mega", environ).session.vendor == "mega"
    assert Gateway(environ=environ).configuration.names(("mega", "novala")) == ("mega",)


def test_one_vendor_has_as_many_connections_as_there_are_names():
    environ = {
        "LEADGATEWAY_MEGA_TOKEN": "plain",
        "LEADGATEWAY_MEGA_CUSTOMER_ID": CUSTOMER,
        "LEADGATEWAY_MEGA_PROD_VENDOR": "mega",
        "LEADGATEWAY_MEGA_PROD_TOKEN": "prod",
        "LEADGATEWAY_MEGA_PROD_CUSTOMER_ID": CUSTOMER,
        "LEADGATEWAY_MEGA_PROD_REGION": "BR",
    }
    assert settings_of("mega", environ).credential() == "plain"
    assert settings_of("mega", environ).region is None
    prod = opened("mega-prod", environ)
    assert (prod.name, prod.adapter.connection) == ("mega-prod", "mega-prod")
    assert prod.adapter.settings.credential() == "prod"
    names = Gateway(environ=environ).configuration.names(("mega",))
    assert names == ("mega", "mega_prod")


@pytest.mark.parametrize("name", ["mega-prod", "mega prod", "mega.prod", "mega_prod", "Mega-Prod"])
def test_whatever_is_no_letter_or_digit_is_an_underscore_in_a_variable(name, toml):
    file = toml(f'[connections."{name}"]\nvendor = "mega"\ncustomer_id = "{CUSTOMER}"\n')
    environ = {"LEADGATEWAY_MEGA_PROD_TOKEN": "from-environ"}
    assert settings_of(name, environ, file).credential() == "from-environ"
    assert Gateway(environ=environ, config_file=file).configuration.names(()) == (name,)


def test_a_letter_that_no_shell_takes_is_an_underscore_as_well(toml):
    file = toml('[connections."loja-são"]\nvendor = "novala"\ntenant = "acme"\n')
    environ = {"LEADGATEWAY_LOJA_S_O_TOKEN": "t"}
    assert settings_of("loja-são", environ, file).credential() == "t"


def test_a_connection_is_found_by_a_name_that_its_variables_cannot_tell_apart(toml):
    file = toml('[connections.eu-shop]\nvendor = "novala"\ntoken = "t"\ntenant = "acme"\n')
    assert settings_of("eu_shop", {}, file).tenant == "acme"


def test_two_connections_that_would_share_their_variables_are_refused(toml):
    file = toml('[connections.eu-shop]\nvendor = "x"\n[connections.eu_shop]\nvendor = "x"\n')
    with pytest.raises(ConfigError, match=r"'eu-shop' and 'eu_shop' would share"):
        Gateway(environ={}, config_file=file)


def test_maps_and_lists_are_json_in_the_environment_and_tables_in_the_file(toml):
    environ = {
        "LEADGATEWAY_NOVALA_TOKEN": "t",
        "LEADGATEWAY_NOVALA_TENANT": "acme",
        "LEADGATEWAY_NOVALA_SOURCE_MAP": '{"fair": "event"}',
        "LEADGATEWAY_NOVALA_REQUIRED_CUSTOM_FIELDS": '["size"]',
        "LEADGATEWAY_NOVALA_NAME_PLACEHOLDER": "[unknown]",
        "LEADGATEWAY_NOVALA_DEADLINE": "2.5",
        "LEADGATEWAY_NOVALA_ALLOW_INSECURE": "true",
    }
    found = settings_of("novala", environ)
    assert found.source_map == {"fair": LeadSource.EVENT}
    assert found.required_custom_fields == ("size",)
    assert found.name_placeholder == "[unknown]"
    assert (found.deadline, found.allow_insecure) == (2.5, True)
    file = toml('[connections.novala]\ntoken = "t"\ntenant = "acme"\nsource_map = {fair = "event"}')
    assert settings_of("novala", {}, file).source_map == {"fair": LeadSource.EVENT}


@pytest.mark.parametrize("text", ["fair=event", "{", "", f'{{"{CANARY}": ', "[" * 100_000])
def test_a_map_that_is_no_json_is_named_by_its_variable(text):
    with pytest.raises(ConfigError, match="LEADGATEWAY_NOVALA_SOURCE_MAP is no JSON") as error:
        opened("novala", {"LEADGATEWAY_NOVALA_SOURCE_MAP": text}, token="t", tenant="acme")
    assert CANARY not in str(error.value)


def test_a_file_is_read_from_here_or_from_where_a_variable_names_it(toml, tmp_path, monkeypatch):
    file = toml('[connections.shop]\nvendor = "novala"\ntoken = "t"\ntenant = "here"\n')
    monkeypatch.chdir(tmp_path)
    assert settings_of("shop").tenant == "here"
    other = tmp_path / "other.toml"
    other.write_text(file.read_text().replace('"here"', '"there"'))
    assert settings_of("shop", {"LEADGATEWAY_CONFIG": str(other)}).tenant == "there"
    assert settings_of("shop", {"LEADGATEWAY_CONFIG": str(other)}, file).tenant == "here"


def test_no_file_is_no_fault_unless_one_was_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Configuration.load({}).tables == {}
    assert Configuration.load({"LEADGATEWAY_CONFIG": ""}).tables == {}
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigError, match=r"missing\.toml does not exist"):
        Configuration.load({}, missing)
    with pytest.raises(ConfigError, match=r"missing\.toml does not exist"):
        Configuration.load({"LEADGATEWAY_CONFIG": str(missing)})
    with pytest.raises(ConfigError, match="cannot be read"):
        Configuration.load({}, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[connections.shop]\ntoken = {CANARY}", "no TOML file: .*line 2"),
        (f'token = "{CANARY}', "no TOML file"),
        ("connections = 3", "one table"),
        (f'[connections]\nshop = "{CANARY}"', "one table"),
    ],
)
def test_a_file_that_is_no_configuration_is_named_and_not_quoted(toml, text, said):
    file = toml(text)
    with pytest.raises(ConfigError, match=said) as error:
        Gateway(environ={}, config_file=file)
    assert str(file) in str(error.value)
    assert CANARY not in str(error.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [("[conections.x]\nvendor = 'mega'", "conections"), (f"token = '{CANARY}'", "token")],
)
def test_a_table_that_means_nothing_is_named(toml, text, name):
    file = toml(f"{text}\n[connections.shop]\nvendor = 'novala'\n[files.leads]\n")
    with pytest.raises(ConfigError, match=f"'{name}' means nothing here") as error:
        Configuration.load({}, file)
    assert CANARY not in str(error.value)


def test_a_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "x.toml"
    file.write_bytes(b'a = "\xff"')
    with pytest.raises(ConfigError, match=r"x\.toml is no TOML file\."):
        Configuration.load({}, file)


def test_a_vendor_that_is_no_text_is_named(toml):
    file = toml("[connections.shop]\nvendor = 3\n")
    with pytest.raises(ConfigError, match=r"connections\.shop\.vendor"):
        opened("shop", {}, file)


def test_a_vendor_may_be_named_by_the_call():
    assert opened("shop", vendor="novala", token="t", tenant="acme").session.vendor == "novala"


def test_a_name_that_nobody_knows_is_answered_with_the_known_ones(toml):
    file = toml('[connections.shop]\nvendor = "novala"\n')
    with pytest.raises(ConfigError) as error:
        opened("shopp", {"LEADGATEWAY_EU_VENDOR": "mega"}, file)
    assert "no connection and no vendor named 'shopp'" in str(error.value)
    assert "Connections: eu, shop;" in str(error.value)
    assert "apollo_space, mega, novala, v1_leads" in str(error.value)
    with pytest.raises(ConfigError, match="none configured"):
        opened("shopp")


def test_a_connection_to_a_vendor_that_nobody_brings_says_what_is_installed(toml):
    file = toml('[connections.shop]\nvendor = "elsewhere"\n')
    with pytest.raises(ConfigError, match=r"no plugin brings 'elsewhere'; installed: apollo_space"):
        opened("shop", {}, file)


def test_the_connect_functions_read_the_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADGATEWAY_NOVALA_TOKEN", "t")
    monkeypatch.setenv("LEADGATEWAY_NOVALA_TENANT", "acme")
    with leadgateway.connect("novala") as connection:
        assert connection.opened.adapter.settings.tenant == "acme"
    asynchronous = leadgateway.aconnect("novala", tenant="other")
    assert asynchronous.opened.adapter.settings.tenant == "other"
    assert leadgateway.fidelity("novala", "mega").target == "mega"


# What an error about a setting may say: faults S7, S8, S10


def refusal(vendor: str = "novala", **given) -> ConfigError:
    given = {"token": "t", "tenant": "acme", **given}
    with pytest.raises(ConfigError) as caught:
        opened(vendor, **given)
    return caught.value


@pytest.mark.parametrize(
    "token",
    [
        "", " ", f"{CANARY}\n", f"{CANARY}\r\nx: y", f" {CANARY}", f"{CANARY} ", f"{CANARY}\x00",
        f"{CANARY}\u00e9", f"{CANARY}\u200b", CANARY * 20_000, f"{CANARY}\x7f", f"{CANARY}\t",
    ],
    ids=repr,
)  # fmt: skip
def test_a_token_that_no_header_can_hold_is_refused_without_being_quoted(token, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    error = refusal(token=token)
    told = "".join(traceback.format_exception(error))
    assert "token" in str(error)
    for shown in (told, repr(error), caplog.text, *capsys.readouterr()):
        assert CANARY not in shown


@pytest.mark.parametrize("text", ["", f"{CANARY}\n"])
def test_a_token_from_the_environment_or_the_file_is_held_to_the_same(text, toml):
    with pytest.raises(ConfigError, match="token") as error:
        opened("novala", {"LEADGATEWAY_NOVALA_TOKEN": text}, tenant="acme")
    assert CANARY not in str(error.value)
    quoted = text.replace("\n", "\\n")
    file = toml(f'[connections.novala]\ntenant = "acme"\ntoken = "{quoted}"\n')
    with pytest.raises(ConfigError, match="token") as error:
        opened("novala", {}, file)
    assert CANARY not in str(error.value)


@pytest.mark.parametrize("token", [3, None, b"bytes", ["t"], {"t": CANARY}])
def test_a_token_of_another_type_is_refused(token):
    error = refusal(token=token)
    assert "token" in str(error)
    assert CANARY not in str(error)


def test_a_missing_token_is_named():
    with pytest.raises(ConfigError, match="token: Field required"):
        opened("novala", tenant="acme")


def test_an_async_callable_is_refused_by_a_sync_connection():
    async def renew() -> str:
        return "t"

    with pytest.raises(ConfigError, match="token: an async callable is for async connections"):
        Gateway(environ={}).connect("novala", token=renew, tenant="acme")
    AsyncGateway(environ={}).connect("novala", token=renew, tenant="acme")


@pytest.mark.parametrize(
    "setting",
    [
        {"shoe_size": CANARY},
        {"region": CANARY},
        {"currency": CANARY},
        {"deadline": CANARY},
        {"deadline": 0},
        {"allow_insecure": CANARY},
        {"client": CANARY},
        {"source_map": CANARY},
        {"source_map": {"x": CANARY}},
        {"relocate": {"notes": CANARY}},
        {"relocate": {"shoe": "tag"}},
        {"tenant": f"{CANARY}!"},
        {"proxy": f"{CANARY}"},
        {"base_url": f"https://user:{CANARY}@x.example"},
        {"base_url": f"ftp://{CANARY}.example"},
    ],
    ids=str,
)
def test_a_setting_that_is_wrong_is_named_and_its_value_is_not(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))) as error:
        Gateway(environ={}).connect("novala", **{"token": "t", "tenant": "acme", **setting})
    assert CANARY not in str(error.value)


@pytest.mark.parametrize(
    "url", ["http://api.example", "http://10.0.0.1", "http://127.0.0.1.nip.io"]
)
def test_plain_http_is_for_loopback_unless_it_is_allowed(url):
    assert "base_url must be https" in str(refusal(base_url=url))
    assert settings_of("novala", token="t", base_url=url, allow_insecure=True).base_url == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8701/v1", "http://localhost", "http://[::1]:80"])
def test_plain_http_to_this_machine_needs_no_leave(url):
    assert settings_of("novala", token="t", base_url=url).base_url == url


def test_every_configuration_error_is_caught_as_one_of_ours_and_ends_with_2():
    assert isinstance(refusal(token=""), LeadGatewayError)
    assert refusal(token="").exit_code == 2


def test_no_setting_is_shown_by_a_connection():
    connection = Gateway(environ={}).connect("novala", token=CANARY, tenant="acme")
    for thing in (connection, connection.opened, connection.opened.adapter.settings):
        assert CANARY not in f"{thing!r} {thing}"
    connection.close()
