"""The printer: what a terminal gets, what everything else gets, what nobody gets."""

import json
import os
import pty
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.programs import COMMAND, PATIENCE, environment

from leadgateway.cli import main, render
from leadgateway.cli.render import Screen


def printed(capsys, act, *, as_json=False):
    act(Screen(as_json=as_json))
    return capsys.readouterr()


def test_under_json_a_screen_prints_its_result_and_nothing_else(capsys):
    def act(screen):
        screen.line("text")
        screen.heading("text")
        screen.facts({"a": "text"})
        screen.table(("a",), [("text",)])
        screen.document({"text": 1})
        screen.result({"name": "Ana\x1b\u202e\x9b", "none": None})
        screen.raw("{}")

    out, err = printed(capsys, act, as_json=True)
    first, second = out.splitlines()
    assert json.loads(first) == {"name": "Ana\x1b\u202e\x9b", "none": None}
    assert first.isascii()
    assert first.isprintable()
    assert (second, err) == ("{}", "")


def test_for_readers_a_screen_prints_no_result(capsys):
    out, _ = printed(capsys, lambda screen: (screen.result({}), screen.raw("{}")))
    assert out == ""


def test_plain_tables_are_aligned_and_end_without_blanks(capsys):
    rows = [("a", 1, None), ("long one", 22, "x")]
    out, _ = printed(capsys, lambda screen: screen.table(("name", "n", "z"), rows))
    assert out == "name      n   z\na         1\nlong one  22  x\n"


def test_a_table_without_rows_is_its_heading(capsys):
    out, _ = printed(capsys, lambda screen: screen.table(("name", "n"), []))
    assert out == "name  n\n"


@given(st.text())
def test_no_text_moves_the_cursor_or_turns_the_line_around(text):
    shown = render.shown(text)
    assert not any(
        ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202a\u202b\u202d\u202e" for c in shown
    )


def test_progress_without_a_terminal_is_a_line_now_and_then(capsys):
    def act(screen):
        with screen.progress("leads", 2500) as advance:
            for count in range(1, 2501):
                advance(count)
        with screen.progress("more") as advance:
            advance(3)

    out, err = printed(capsys, act)
    assert out == ""
    assert err.splitlines() == [
        "leads: 1000 of 2500", "leads: 2000 of 2500", "leads: 2500", "more: 3",
    ]  # fmt: skip


def on_a_terminal(*words, cwd, stderr_too=False):
    """What a command writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    kept = []

    def read():
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                return
            if not chunk:
                return
            kept.append(chunk)

    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment(COLUMNS="100", TERM="xterm-256color"),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs if stderr_too else subprocess.DEVNULL,
    )
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait(PATIENCE)
    reader.join(PATIENCE)
    os.close(ours)
    return code, b"".join(kept).decode()


def test_a_terminal_gets_drawn_tables(tmp_path):
    code, shown = on_a_terminal("vendors", cwd=tmp_path)
    assert code == 0
    assert "─" in shown
    assert "Apollo Space" in shown


def test_a_terminal_gets_bars_and_names_cannot_write_on_it(tmp_path, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load({"name": "Ana\x1b]0;owned\x07", "email": "ana@example.com"})
    words = ["migrate", "--from", saved(source), "--to", saved(target), "--lenient"]
    code, shown = on_a_terminal(*words, cwd=tmp_path, stderr_too=True)
    assert code == 0
    assert "leads settled" in shown
    assert "1/" in shown
    code, listed = on_a_terminal("leads", "list", saved(target), cwd=tmp_path)
    assert code == 0
    assert "\\x1b" in listed
    assert "\x1b]0;" not in listed


def test_an_encoding_that_cannot_hold_a_name_shows_it_escaped(tmp_path, sites, saved):
    site = sites.start("v1_leads")
    site.load({"name": "José 見積", "email": "ana@example.com"})
    done = subprocess.run(
        [*COMMAND, "leads", "list", saved(site)],
        cwd=tmp_path,
        env=environment(PYTHONIOENCODING="latin-1"),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    assert "José \\u898b\\u7a4d".encode("latin-1") in done.stdout


def test_a_stream_that_cannot_be_reconfigured_is_left_as_it_is(monkeypatch, capsys):
    class Plain:
        def __init__(self, stream):
            self.write, self.flush = stream.write, stream.flush
            self.isatty = lambda: False

    monkeypatch.setattr(sys, "stdout", Plain(sys.stdout))
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out
