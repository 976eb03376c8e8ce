"""What `leadgateway` gives away, and how little it costs to import."""

import importlib
import inspect
import json
import subprocess
import sys

import pytest

import leadgateway

HEAVY = (
    "pydantic",
    "httpx",
    "httpx2",
    "aiohttp",
    "pluggy",
    "orjson",
    "phonenumbers",
    "click",
    "rich",
    "asyncio",
)


HTTP = {"httpx", "httpx2", "aiohttp"}


def modules_after(program: str) -> set[str]:
    code = f"import sys\n{program}\nimport json\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-S",
            "-c",
            f"import sys; sys.path[:0] = {sys.path}\n{code}",
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return set(json.loads(ran.stdout))


def test_importing_leadgateway_imports_nothing_heavy():
    found = modules_after("import leadgateway")
    assert "leadgateway" in found
    assert found.isdisjoint(HEAVY)
    assert {name for name in found if name.startswith("leadgateway")} == {"leadgateway"}


def test_a_name_is_imported_when_it_is_asked_for():
    found = modules_after("import leadgateway; leadgateway.Lead")
    assert "pydantic" in found
    assert found.isdisjoint({"pluggy", "click", *HTTP})


def test_a_submodule_is_imported_when_it_is_asked_for():
    found = modules_after("import leadgateway; leadgateway.normalize.phone, leadgateway.errors")
    assert {"leadgateway.errors", "leadgateway.normalize"} <= found


def test_opening_the_plugins_imports_no_vendors_adapter_and_no_http_client():
    found = modules_after("import leadgateway; leadgateway.Plugins.installed()")
    assert "leadgateway_mega" in found
    assert found.isdisjoint({"leadgateway_mega.adapter", "leadgateway_mega.simulator", *HTTP})


@pytest.mark.parametrize("name", leadgateway.__all__)
def test_every_public_name_is_there_and_has_a_promise(name):
    found = getattr(leadgateway, name)
    assert inspect.getdoc(found), name
    if inspect.isclass(found) or inspect.isfunction(found):
        assert found.__module__.startswith("leadgateway.")


def test_the_names_are_sorted_once_each_and_all_of_them():
    assert list(leadgateway.__all__) == sorted(set(leadgateway.__all__))
    assert dir(leadgateway) == sorted(leadgateway.__all__)


def test_the_names_for_the_type_checker_are_those_at_run_time():
    """`__init__` writes each name thrice: here the three are held to one another."""
    source = inspect.getsource(leadgateway)
    checked = source.partition("if TYPE_CHECKING:")[2].partition("__all__")[0]
    for name in leadgateway.__all__:
        assert name in checked.replace(",", " ").split(), name
    assert set(leadgateway._HOMES) <= set(leadgateway.__all__)
    for name, home in leadgateway._HOMES.items():
        assert getattr(importlib.import_module(f"leadgateway.{home}"), name) is getattr(
            leadgateway, name
        )


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'leadgateway' has no attribute 'Leed'"):
        leadgateway.Leed  # noqa: B018  # looking it up is the test
    assert not hasattr(leadgateway, "gateway_of_nothing")


def test_what_the_examples_use_is_public():
    wanted = {"Lead", "connect", "aconnect", "fidelity", "Plugins", "hookimpl", "Adapter", "errors"}
    assert wanted <= set(leadgateway.__all__)
