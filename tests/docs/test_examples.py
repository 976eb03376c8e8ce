"""Every example of the documentation runs, and prints what the page says it prints."""

from __future__ import annotations

import doctest
import re
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
from tests.docs.pages import ROOT, Block, blocks, name, pages
from tests.docs.terminal import Terminal, commands, terminal

_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_RUN = {"python", "console"}
_WITH_EXAMPLES = [page for page in pages() if any(b.language in _RUN for b in blocks(page))]


@pytest.mark.parametrize("page", _WITH_EXAMPLES, ids=name)
def test_examples_run_in_order(
    page: Path, reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = ModuleType("example")
    monkeypatch.setitem(sys.modules, "example", module)
    already = set(sys.modules)
    with terminal(reader) as shell:
        try:
            for block in blocks(page):
                where = f"{name(page)}, line {block.line}"
                if block.file is not None:
                    (reader / block.file).write_text(shell.localized(block.text), "utf-8")
                if block.language == "python":
                    _run(block, page, module, shell)
                    _check(block.prints, capsys.readouterr().out, where)
                elif block.language == "console":
                    for command, shown in commands(block.text):
                        printed = shell.run(command, shown.count("\n"))
                        _check(shell.localized(shown), printed, f"{where}: {command}")
        finally:
            _leave_nothing_behind(module, set(sys.modules) - already, reader)


def test_the_first_examples_run_again_in_the_same_folder(
    reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = [block for block in blocks(ROOT / "README.md") if block.language == "python"]
    with terminal(reader) as shell:
        for block in examples * 2:
            module = ModuleType("example")
            monkeypatch.setitem(sys.modules, "example", module)
            _run(block, ROOT / "README.md", module, shell)
            _check(block.prints, capsys.readouterr().out, f"README.md, line {block.line}")


def test_what_a_page_keeps_in_a_folder_no_other_page_uses() -> None:
    found: dict[str, set[str]] = {}
    for page in _WITH_EXAMPLES:
        text = "".join(block.text for block in blocks(page) if block.language == "console")
        for kept in set(re.findall(r"(?:--job|--save) \S+", text)):
            found.setdefault(kept, set()).add(name(page))
    assert {kept: pages for kept, pages in found.items() if len(pages) > 1} == {}
    assert {"--job move", "--save old.json"} <= found.keys()


def _run(block: Block, page: Path, module: ModuleType, shell: Terminal) -> None:
    code = "\n" * (block.line - 1) + shell.localized(block.text)
    exec(compile(code, str(page), "exec"), vars(module))  # noqa: S102  # the page's own example


def _check(wanted: str | None, printed: str, where: str) -> None:
    """Fail with a diff unless `printed` is what the page shows; `...` stands for anything."""
    checker = doctest.OutputChecker()
    if wanted is not None and not checker.check_output(wanted, printed, _OPTIONS):
        example = doctest.Example("", wanted)
        pytest.fail(f"{where}\n{checker.output_difference(example, printed, _OPTIONS)}")


def _leave_nothing_behind(module: ModuleType, imported: set[str], folder: Path) -> None:
    """Close what a page that failed left open, and forget the modules that it made."""
    for left_open in vars(module).values():
        if isinstance(left_open, ExitStack):
            left_open.close()
    for fresh in imported:
        if str(getattr(sys.modules[fresh], "__file__", "")).startswith(str(folder)):
            del sys.modules[fresh]


def test_an_example_that_prints_something_else_is_found() -> None:
    with pytest.raises(pytest.fail.Exception, match="line 7"):
        _check("created\n", "merged\n", "page, line 7")
    _check("created ...\n", "created 17\n", "page, line 7")


def test_a_terminal_keeps_the_status_and_the_ports(tmp_path: Path) -> None:
    with terminal(tmp_path) as shell:
        assert shell.run("false", 0) == ""
        assert shell.run("echo $?", 1) == "1\n"
        first = shell.run("echo 8701 8702", 1).split()
        assert first == shell.localized("8701 8702").split() != ["8701", "8702"]
        assert shell.run("sh -c 'echo a; echo b; sleep 60' &", 2) == "a\nb\n"


def test_commands_are_read_with_what_they_print() -> None:
    text = "$ one \\\n    two\nout\nmore\n$ three\n"
    assert list(commands(text)) == [("one two", "out\nmore\n"), ("three", "")]


@pytest.mark.usefixtures("reader")
def test_an_example_that_leaves_the_machine_is_found() -> None:
    with socket.socket() as one, pytest.raises(AssertionError, match="is not loopback"):
        one.connect(("203.0.113.1", 80))
