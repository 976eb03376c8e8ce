"""Which plugins are found, and that a broken one is named and takes no other with it."""

import pytest

from leadgateway import Gateway, hookimpl
from leadgateway.errors import ConfigError, PluginError
from leadgateway.plugins import Plugins

OURS = ("apollo_space", "mega", "novala", "v1_leads")

IMPORT = "from leadgateway import hookimpl\n\n"

OFFER = """
from leadgateway import hookimpl

@hookimpl
def leadgateway_adapters():
    return {offer}
"""


def offering(offer: str) -> str:
    return OFFER.replace("{offer}", offer)


def test_our_own_vendors_are_plugins_like_any_other(installed):
    plugins = installed()
    assert plugins.vendors() == OURS
    assert tuple(plugins.simulators()) == OURS
    assert plugins.problems == ()
    assert {plugins.adapter(vendor).vendor for vendor in OURS} == set(OURS)
    assert {kind.vendor for kind in plugins.simulators().values()} == set(OURS)


def test_an_installed_distribution_brings_its_vendor(install, installed, tinycrm):
    install("acme-leads", {"acme": "acme_tiny"}, acme_tiny=tinycrm)
    plugins = installed()
    assert plugins.vendors() == (*OURS[:3], "tinycrm", "v1_leads")
    assert plugins.adapter("tinycrm").capabilities.title == "Tiny CRM"
    assert plugins.problems == ()


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ("as_module", ""),
        ("as_module:plugin", "plugin = Plugin()"),
        ("as_module:Plugin", ""),
    ],
    ids=["module", "object", "class"],
)
def test_a_plugin_is_a_module_an_object_or_a_class(install, installed, entry, source):
    body = """
    from leadgateway import hookimpl

    class Plugin:
        def __init__(self):
            self.offer = {"acme": "nowhere:Acme"}

        @hookimpl
        def leadgateway_adapters(self):
            return self.offer

    @hookimpl
    def leadgateway_adapters():
        return {"acme": "nowhere:Acme"}
    """
    install("acme-leads", {"acme": entry}, as_module=f"{body}\n    {source}\n")
    plugins = installed()
    assert plugins.problems == ()
    assert "acme" in plugins.vendors()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise OSError('canary')", "does not import: OSError"),
        ("import a_module_that_is_not_there", "does not import: ModuleNotFoundError"),
        ("def (", "does not import: SyntaxError"),
        (
            f"{IMPORT}@hookimpl\ndef leadgateway_adaptors(): ...",
            "there is no hook 'leadgateway_adaptors'; hooks: leadgateway_adapters,",
        ),
        (
            f"{IMPORT}@hookimpl(specname='leadgateway_adaptors')\ndef adapters(): ...",
            "there is no hook 'adapters'",
        ),
        (
            f"{IMPORT}@hookimpl\ndef leadgateway_skip(leads, reason): ...",
            "reason",
        ),
        (
            f"{IMPORT}@hookimpl(wrapper=True)\ndef leadgateway_adapters():\n    return (yield)",
            "leadgateway_adapters is a wrapper: no hook takes one",
        ),
        (offering("1 / 0"), "leadgateway_adapters failed: ZeroDivisionError"),
        (offering("['acme']"), "leadgateway_adapters returned list, not a mapping"),
        (offering("{'acme': 3}"), "a vendor's name to a class or its path"),
        (offering("{3: 'acme:Acme'}"), "a vendor's name to a class or its path"),
    ],
)
def test_a_plugin_that_does_not_load_is_named_and_the_others_work(
    install, installed, source, reason
):
    install("broken-leads", {"broken": "broken_plugin"}, broken_plugin=source)
    plugins = installed()
    assert plugins.vendors() == OURS
    (problem,) = plugins.problems
    assert (problem.plugin, problem.distribution) == ("broken", "broken-leads")
    assert reason in problem.reason
    assert str(problem).startswith("plugin 'broken' of broken-leads: ")
    assert "canary" not in str(problem)
    assert Gateway(plugins=plugins, environ={}).connect("novala", token="t", tenant="a").name


def test_a_class_that_cannot_be_made_is_left_out(install, installed):
    source = "class Plugin:\n    def __init__(self, wants): ..."
    install("broken-leads", {"broken": "broken_plugin:Plugin"}, broken_plugin=source)
    (problem,) = installed().problems
    assert problem.reason == "does not load: TypeError"


def test_whoever_asks_for_a_vendor_that_was_left_out_hears_why(install, installed):
    install("acme-leads", {"acme": "broken_plugin"}, broken_plugin="import nowhere_at_all")
    plugins = installed()
    said = "Left out: plugin 'acme' of acme-leads: does not import: ModuleNotFoundError"
    with pytest.raises(PluginError, match=said):
        plugins.adapter("acme")
    with pytest.raises(ConfigError, match=said):
        Gateway(plugins=plugins, environ={}).connect("acme")


def test_two_plugins_with_one_vendor_are_an_error_only_when_it_is_used(install, installed):
    offer = "\n\n@hookimpl\ndef leadgateway_simulators():\n    return {'mega': 'nowhere:Mega'}"
    install("rival-leads", {"rival": "rival"}, rival=offering("{'mega': 'nowhere:Mega'}") + offer)
    plugins = installed()
    assert plugins.problems == ()
    assert plugins.vendors() == OURS
    said = "'mega' is offered twice, by 'mega' of leadgateway and by 'rival' of rival-leads"
    with pytest.raises(PluginError, match=said):
        plugins.adapter("mega")
    with pytest.raises(PluginError, match=said):
        plugins.simulators()["mega"]
    assert plugins.adapter("novala").vendor == "novala"
    assert plugins.simulators()["novala"].vendor == "novala"
    alone = installed(LEADGATEWAY_BLOCK="rival")
    assert alone.adapter("mega").vendor == "mega"


def test_two_distributions_with_one_plugin_name_are_told_apart(install, installed):
    install("other-leads", {"mega": "other"}, other=offering("{}"))
    problems = installed().problems
    assert [problem.reason for problem in problems] == ["the name is taken already"]


def test_the_environment_adds_modules(install, installed, tinycrm):
    install("nothing", {}, tiny_one=tinycrm)
    plugins = installed(LEADGATEWAY_PLUGINS=" tiny_one , ,missing_one")
    assert "tinycrm" in plugins.vendors()
    (problem,) = plugins.problems
    assert str(problem) == (
        "plugin 'missing_one' of LEADGATEWAY_PLUGINS: does not import: ModuleNotFoundError"
    )


def test_a_plugin_that_is_there_already_is_not_added_again(installed):
    plugins = installed(LEADGATEWAY_PLUGINS="leadgateway_mega")
    assert plugins.adapter("mega").vendor == "mega"
    (problem,) = plugins.problems
    assert problem.reason == "it is there as 'mega' already"


def test_the_environment_leaves_plugins_out(install, installed, tinycrm):
    install("acme-leads", {"acme": "broken_plugin"}, broken_plugin="1 / 0", tiny_two=tinycrm)
    plugins = installed(LEADGATEWAY_BLOCK="acme, mega,tiny_two", LEADGATEWAY_PLUGINS="tiny_two")
    assert plugins.problems == ()
    assert plugins.vendors() == ("apollo_space", "novala", "v1_leads")
    with pytest.raises(PluginError, match="no plugin brings 'mega'"):
        plugins.adapter("mega")


def test_a_plugin_module_is_imported_when_its_vendor_is_used(install, installed):
    install("acme-leads", {"acme": "acme_light"}, acme_light=offering("{'acme': 'acme_heavy:A'}"))
    plugins = installed()
    assert plugins.problems == ()
    with pytest.raises(PluginError, match=r"'acme' of acme-leads: 'acme_heavy:A' does not import"):
        plugins.adapter("acme")


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ("{'acme': 'builtins:dict'}", "what it offers for 'acme' is no adapter class"),
        ("{'acme': dict}", "what it offers for 'acme' is no adapter class"),
        ("{'acme': 'builtins:len'}", "what it offers for 'acme' is no adapter class"),
        ("{'acme': 'builtins'}", "'builtins' does not import: AttributeError"),
        ("{'acme': 'leadgateway_mega.adapter:Mega'}", r"Mega\.vendor is not 'acme'"),
        ("{'acme': 'leadgateway.adapter:Adapter'}", r"Adapter\.vendor is not 'acme'"),
    ],
)
def test_what_is_offered_must_be_an_adapter_of_that_vendor(install, installed, offer, said):
    install("acme-leads", {"acme": "acme_odd"}, acme_odd=offering(offer))
    with pytest.raises(PluginError, match=said) as error:
        installed().adapter("acme")
    assert "'acme' of acme-leads" in str(error.value)


def test_a_registry_is_an_instance():
    mine, yours = Plugins(), Plugins()

    class Acme:
        @hookimpl
        def leadgateway_adapters(self):
            return {"acme": "nowhere:Acme"}

    mine.register(Acme(), "acme")
    assert (mine.vendors(), yours.vendors()) == (("acme",), ())


def test_what_an_application_registers_is_refused_loudly():
    plugins = Plugins()

    class Misspelt:
        @hookimpl
        def leadgateway_normaliser(self): ...

    with pytest.raises(PluginError, match="plugin 'mine' of the application: there is no hook"):
        plugins.register(Misspelt(), "mine")

    class Right:
        @hookimpl
        def leadgateway_normalizers(self):
            return []

    plugins.register(Right, "mine")
    with pytest.raises(PluginError, match="the name is taken already"):
        plugins.register(Right, "mine")


def test_a_plugin_brings_a_simulator():
    class Acme:
        @hookimpl
        def leadgateway_simulators(self):
            return {"acme": dict}

    plugins = Plugins()
    plugins.register(Acme(), "acme")
    assert dict(plugins.simulators()) == {"acme": dict}
    assert plugins.vendors() == ()


def test_a_plugin_brings_journals_by_url_scheme():
    def open_acme(url):
        return f"journal at {url}"

    class Acme:
        @hookimpl
        def leadgateway_journals(self):
            return {"acme": open_acme, "later": "nowhere:open_later"}

    plugins = Plugins()
    plugins.register(Acme(), "acme")
    assert plugins.journals()["acme"]("acme://x") == "journal at acme://x"
    with pytest.raises(PluginError, match="'nowhere:open_later' does not import"):
        plugins.journals()["later"]

    class Odd:
        @hookimpl
        def leadgateway_journals(self):
            return {"odd": 3}

    with pytest.raises(PluginError, match="a URL scheme to what opens it or its path"):
        plugins.register(Odd(), "odd")
    assert list(plugins.journals()) == ["acme", "later"]


def test_a_simulator_that_nobody_brings_is_no_key(installed):
    simulators = installed().simulators()
    assert "elsewhere" not in simulators
    assert len(simulators) == 4
