"""The start of the program: what is imported before it answers, and that nobody can tell."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest

from leadgateway import __main__ as program
from leadgateway import __version__, cli, help_page

RUN = "import sys; from leadgateway.__main__ import main; sys.argv[1:] = {words!r}; main()"


def imported_by(statement: str) -> set[str]:
    """What a new process imports for `statement`, and would not without it: no standard library.

    Of ours every module is named, of others only the package.
    """
    listing = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    bare, full = (
        subprocess.run(
            [sys.executable, "-c", listing + code],
            capture_output=True,
            check=True,
            text=True,
            env={name: text for name, text in os.environ.items() if name != "COLUMNS"},
        ).stderr.split()
        for code in ("", statement)
    )
    names = {
        name if name.startswith("leadgateway") else name.partition(".")[0]
        for name in set(full) - set(bare)
    }
    return names - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("statement", "imports"),
    [
        ("import leadgateway", {"leadgateway"}),
        (RUN.format(words=["--version"]), {"leadgateway", "leadgateway.__main__"}),
        (
            RUN.format(words=["--help"]),
            {"leadgateway", "leadgateway.__main__", "leadgateway.help_page"},
        ),
    ],
    ids=["import", "--version", "--help"],
)
def test_a_start_imports_this_and_nothing_more(statement: str, imports: set[str]) -> None:
    assert imported_by(statement) == imports


def test_whoever_asks_for_more_imports_more() -> None:
    assert "pydantic" in imported_by("from leadgateway import Lead")
    assert "click" in imported_by(RUN.format(words=["jobs", "--help"]))


@pytest.fixture
def answer(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    def answered(word: str) -> str:
        monkeypatch.setattr(sys, "argv", ["leadgateway", word])
        with contextlib.suppress(SystemExit):
            program.main()
        return capfd.readouterr().out

    return answered


@pytest.fixture
def by_click(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str, int], str]:
    def answered(word: str, columns: int) -> str:
        with monkeypatch.context() as patch:
            patch.setenv("COLUMNS", str(columns))
            cli.main([word], prog_name="leadgateway", standalone_mode=False)
        return capfd.readouterr().out

    return answered


@pytest.mark.parametrize("word", ["--version", "--help", "-h"])
@pytest.mark.parametrize("columns", [None, 80, 200])
def test_it_answers_what_click_would(
    word: str,
    columns: int | None,
    answer: Callable[[str], str],
    by_click: Callable[[str, int], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def size(_stream: int = 1) -> os.terminal_size:
        if columns is None:
            raise OSError
        return os.terminal_size((columns, 24))

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", size)
    shown = answer(word)
    assert shown
    assert shown == by_click(word, columns or 80)


def test_in_a_narrow_place_click_breaks_the_lines(
    answer: Callable[[str], str],
    by_click: Callable[[str, int], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = answer("--help")
    assert shown == by_click("--help", 60)
    assert shown != help_page.PAGE


def test_whoever_stops_listening_is_not_told_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_file: int, _text: bytes) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(sys, "argv", ["leadgateway", "--version"])
    monkeypatch.setattr(os, "write", gone)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1


FULL = pathlib.Path("/dev/full")
PRINTS = (
    ["--version"],
    ["--help"],
    ["jobs", "--help"],
    ["vendors"],
    ["vendors", "--json"],
    ["fidelity", "mega", "novala"],
    ["leads", "preview", "mega", "--name", "Ana Souza"],
)
MEGA = {
    "LEADGATEWAY_MEGA_TOKEN": "t",
    "LEADGATEWAY_MEGA_CUSTOMER_ID": "8f687764-ff84-46d0-a55c-0c8544ba8d19",
}


def ran_into(stdout: str, words: list[str], **environ: str) -> tuple[int, str]:
    """Run the program with its stdout led elsewhere by a shell; returns its code and stderr."""
    line = f"exec {shlex.join([sys.executable, '-W', 'error', '-m', 'leadgateway', *words])}"
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{line} {stdout}"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **MEGA, **environ},
    )
    return ran.returncode, ran.stderr


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", PRINTS, ids=" ".join)
def test_a_full_stdout_is_one_line_on_stderr(words: list[str], unbuffered: str) -> None:
    code, said = ran_into(f"> {FULL}", words, PYTHONUNBUFFERED=unbuffered)
    assert (code, said) == (2, "Error: stdout cannot be written: No space left on device.\n")


@pytest.mark.parametrize("words", PRINTS, ids=" ".join)
def test_a_closed_stdout_is_one_line_on_stderr(words: list[str]) -> None:
    code, said = ran_into(">&-", words)
    assert code == 2
    assert said.startswith("Error: stdout cannot be written: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("words", PRINTS, ids=" ".join)
def test_whoever_hangs_up_is_not_told_off_by_any_command(words: list[str]) -> None:
    assert ran_into("| :", words)[1] == ""


def test_the_version_is_that_of_the_distribution() -> None:
    assert __version__ == version("leadgateway")


def test_the_module_is_the_program() -> None:
    command = [sys.executable, "-m", "leadgateway", "jobs", "--no-such-option"]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Usage: leadgateway jobs")


CONNECTED = """
from leadgateway import aconnect, transfer
settings = {{"token": "t", "base_url": "https://vendor.example", "client": {client!r}}}
aconnect("novala", **settings)
"""
UNUSED = {
    *("phonenumbers", "email_validator", "dns", "psycopg", "uvicorn", "leadgateway.simulator"),
    *("leadgateway.files.csv_file", "leadgateway.files.jsonl_file", "leadgateway.drivers.files"),
    *("leadgateway.cli", "leadgateway_mega.adapter"),
}


@pytest.mark.parametrize(
    ("client", "others"),
    [("aiohttp", {"httpx", "click", "rich"}), ("httpx", {"aiohttp"})],  # httpx has a command line
)
def test_a_connection_imports_its_client_and_its_vendor_and_no_other(
    client: str, others: set[str]
) -> None:
    found = imported_by(CONNECTED.format(client=client))
    assert {client, "leadgateway_novala.adapter"} <= found
    assert not found & (UNUSED | others)
