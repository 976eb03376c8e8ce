"""Every hook says what it is for and of which kind, and some test runs it."""

import inspect
import re
from pathlib import Path

import pytest

from leadgateway import hookspecs
from leadgateway.plugins import Plugins

HOOKS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("leadgateway_")}
KINDS = ("Offered: ", "Decided: ", "Announced: ")
TESTS = Path(__file__).parents[1]


def options(spec) -> dict:
    return spec.leadgateway_spec


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_names_its_kind_and_what_it_is_for(name):
    text = inspect.getdoc(HOOKS[name]) or ""
    assert text.startswith(KINDS), text
    assert text.endswith(".")


@pytest.mark.parametrize("name", HOOKS)
def test_only_a_decision_on_one_thing_ends_with_the_first_answer(name):
    hook = HOOKS[name]
    decided = (inspect.getdoc(hook) or "").startswith("Decided: ")
    of_many = any("Sequence[" in str(kind) for kind in inspect.get_annotations(hook).values())
    assert options(hook)["firstresult"] is (decided and not of_many)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_types_for_all_it_gives_and_takes(name):
    signature = inspect.signature(HOOKS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_implemented_by_some_test(name):
    implemented = re.compile(rf"@hookimpl\s+def {name}\(")
    assert any(
        implemented.search(path.read_text("utf-8"))
        for path in TESTS.rglob("test_*.py")
        if path != Path(__file__)
    )


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_called_by_the_facade_or_announced(name):
    source = Path(inspect.getfile(Plugins)).parent
    spoken = [path for path in source.rglob("*.py") if path.name != "hookspecs.py"]
    axis = name.removeprefix("leadgateway_")
    assert any(
        name in text or ('f"leadgateway_{axis}"' in text and f'"{axis}"' in text)
        for text in (path.read_text("utf-8") for path in spoken)
    )


def test_a_hookspec_that_says_nothing_would_be_seen():
    def leadgateway_silent(): ...

    assert not (inspect.getdoc(leadgateway_silent) or "").startswith(KINDS)
    assert len(HOOKS) >= 12
