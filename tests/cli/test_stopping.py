"""Ctrl-C and SIGTERM at each stage of a migration: an account, an exit code, nothing lost."""

import json
import signal

import pytest
from tests.cli.programs import PATIENCE, started, until

V1 = "/api/v1/leads"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_writes_end_and_prints_the_account(told, pair, tmp_path, number, code):
    _, target, words = pair
    target.break_(method="POST", path=V1, after=True, delay=0.3, times=None)
    words = [*words, "--lenient", "--json", "--concurrency", "4"]
    with started(*words, cwd=tmp_path) as process:
        until(lambda: len(target.dump()) >= 4)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    shown = json.loads(out)
    assert shown["exit_code"] == code
    assert 4 <= shown["counts"]["created"] == len(target.dump()) < 40
    assert shown["read"] == shown["counts"]["created"] + shown["waiting"] == 40
    assert shown["stopped_by"] is None
    assert "writes in flight get 10 seconds" in err
    assert "Traceback" not in err
    target.mend()
    assert told(*words[:-3])["counts"]["created"] == len(target.dump()) == 40


def test_a_signal_while_the_source_is_looked_at_ends_it_at_once(sites, saved, tmp_path):
    source, target = sites.start("apollo_space", leads=210), sites.start("v1_leads")
    source.break_(method="GET", delay=600, after=True, skip=1)
    words = ["migrate", "--from", saved(source), "--to", saved(target), "--json"]
    with started(*words, cwd=tmp_path) as process:
        until(lambda: source.asked("GET"))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    shown = json.loads(out)
    assert (shown["read"], shown["exit_code"]) == (0, 143)
    assert "nothing was written" in err
    assert target.asked() == 0


def test_a_signal_while_the_target_is_read_back_still_prints_the_account(pair, tmp_path):
    _, target, words = pair
    words = [*words, "--lenient", "--json"]
    # The first list is how the connection is checked; every later one is the reading back.
    target.break_(method="GET", path=V1, delay=600, times=None, skip=1)
    target.break_(method="GET", path=f"{V1}/{{id}}", delay=600, times=None)
    with started(*words, cwd=tmp_path) as process:
        until(lambda: len(target.dump()) == 40)
        assert any("Reading @v1_leads.json back." in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    shown = json.loads(out)
    assert (shown["counts"]["created"], shown["exit_code"]) == (40, 130)
    assert shown["certificate"]["verification"] is None
