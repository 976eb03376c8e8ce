"""The root: what it knows, what it imports, how it fails."""

import json
import subprocess
import sys
from importlib.metadata import version

import click
import pytest

from leadgateway.cli import main
from leadgateway.cli.app import BUILT_IN

HEAVY = ("pydantic", "httpx", "httpx2", "pluggy", "rich", "orjson", "asyncio", "phonenumbers")

LISTING = """
import sys
try:
    from leadgateway.cli import main
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


def imported_by(*words):
    """The modules that a new process has imported when the command ends."""
    ran = subprocess.run(
        [sys.executable, "-c", LISTING, *words], capture_output=True, check=True, text=True
    )
    return ran.stdout, set(ran.stderr.split())


def every_command(group=main, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([n, "--help"] for n in BUILT_IN)])
def test_help_and_version_cost_click_and_nothing_more(words):
    shown, modules = imported_by(*words)
    assert shown
    assert modules.isdisjoint(HEAVY)
    groups = {m for m in modules if m.removeprefix("leadgateway.cli.") in BUILT_IN}
    assert groups == {f"leadgateway.cli.{word}" for word in words if word in BUILT_IN}


def test_the_version_is_that_of_the_distribution():
    shown, _ = imported_by("--version")
    assert shown.split()[-1] == version("leadgateway")


def test_the_list_of_commands_says_of_each_what_the_command_says_of_itself(run):
    shown = " ".join(run("--help").stdout.split())
    for (name, *rest), command in every_command():
        if not rest:
            assert command.help.startswith(BUILT_IN[name].rstrip(".")), name
            assert BUILT_IN[name] in shown


def test_every_command_has_help_with_examples_and_json():
    for path, command in every_command():
        assert "Examples:\n" in command.help, path
        assert f"  leadgateway {path[0]}" in command.help or path == ("simulate",), path
        options = {name for param in command.params for name in param.opts}
        if not isinstance(command, click.Group) and path != ("simulate",):
            assert options & {"--json", "--format"}, path


def test_no_command_prints_a_wide_or_broken_help(run):
    for path, _ in every_command():
        shown = run(*path, "--help", terminal_width=80).stdout
        assert "Usage: " in shown
        assert "\x08" not in shown


def test_the_module_runs_like_the_script():
    ran = subprocess.run(
        [sys.executable, "-m", "leadgateway", "--version"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert ran.stdout.startswith("leadgateway 0.")


def test_an_unknown_command_is_a_usage_error_with_a_guess(run):
    assert "migrate" in run("migarte", code=2).stderr
    assert "Traceback" not in run("nothing-like-it", code=2).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fidelity", "nobody", "mega"], "no connection and no vendor named 'nobody'"),
        (["vendors", "show", "nobody"], "no plugin brings 'nobody'"),
        (["--config", "gone.toml", "connections", "list"], "gone.toml does not exist"),
        (["leads", "list", "@gone.json"], "gone.json cannot be read"),
        (["leads", "list", "mega"], "customer_id"),
        (["simulate", "nobody"], "no plugin brings a simulator of 'nobody'"),
    ],
)
def test_an_error_is_one_line_and_what_to_do(run, words, said):
    found = run(*words, code=2)
    first, *rest = found.stderr.splitlines()
    assert first.startswith("Error: ")
    assert said in first
    assert len(rest) == 1
    assert found.stdout == ""


def test_ctrl_c_ends_with_130(run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("leadgateway.plugins.Plugins.installed", interrupted)
    assert run("vendors", code=130).stderr == "Error: interrupted\n"


PLUGIN = """
import click
from leadgateway import hookimpl

@hookimpl
def leadgateway_commands(app):
    @app.command()
    @click.option("--loud", is_flag=True)
    def greet(loud):
        click.echo("HELLO" if loud else "hello")

    @app.command()
    def vendors():
        click.echo("mine")
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Put a module on the path and name it as a plugin."""

    def install(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("LEADGATEWAY_PLUGINS", name)

    return install


def test_a_plugin_adds_commands_and_replaces_none_of_ours(run, plugin):
    plugin("greeting_plugin", PLUGIN)
    assert run("greet", "--loud").stdout == "HELLO\n"
    assert "Usage: leadgateway greet" in run("greet", "--help", prog_name="leadgateway").stdout
    assert "mine" not in run("vendors").stdout


def test_a_plugin_whose_commands_cannot_be_added_is_named(run, plugin):
    plugin(
        "clumsy_plugin",
        "from leadgateway import hookimpl\n"
        "@hookimpl\ndef leadgateway_commands(app):\n    raise KeyError('secret')\n",
    )
    found = run("greet", code=2)
    assert "clumsy_plugin" in found.stderr
    assert "secret" not in found.stderr


def test_a_broken_plugin_is_a_warning_and_the_rest_works(run, plugin):
    plugin("broken_plugin", "import nothing_of_that_name\n")
    found = run("vendors", "--json")
    (warning,) = found.stderr.splitlines()
    assert warning.startswith("Warning: plugin 'broken_plugin'")
    shown = json.loads(found.stdout)
    assert len(shown["vendors"]) == 4
    assert ["broken_plugin" in problem for problem in shown["problems"]] == [True]


def test_a_vendor_that_does_not_load_is_a_warning_and_the_rest_works(run, plugin):
    plugin(
        "late_plugin",
        "from leadgateway import hookimpl\n"
        "@hookimpl\ndef leadgateway_adapters():\n    return {'late': 'late_adapter:Late'}\n",
    )
    found = run("vendors", "--json")
    assert "late_adapter:Late" in found.stderr
    assert "late" not in {row["vendor"] for row in json.loads(found.stdout)["vendors"]}
