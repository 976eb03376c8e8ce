"""`leadgateway simulate` as a process: what it prints, saves and leaves behind."""

import json
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.cli.programs import PATIENCE, is_away, ran, started

from leadgateway.cli.kit import serving
from leadgateway.errors import ConfigError


@pytest.mark.parametrize("way_to_end", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_how_to_connect(tmp_path, way_to_end):
    words = ["simulate", "novala", "--leads", "12", "--seed", "7", "--save", "kept.json"]
    with started(*words, cwd=tmp_path) as process:
        first, second = process.stdout.readline(), process.stdout.readline()
        url = first.removeprefix("listening on ").strip()
        assert first == f"listening on {url}\n"
        settings = json.loads(second)
        assert settings["base_url"] == f"{url}/api/v1"
        assert "rate_limits" not in settings
        kept = tmp_path / "kept.json"
        assert kept.read_text() == second
        assert kept.stat().st_mode & 0o777 == 0o600
        listed = ran("leads", "list", "@kept.json", "--json", cwd=tmp_path)
        assert listed.returncode == 0, listed.stderr
        assert len(listed.stdout.splitlines()) == 12
        process.send_signal(way_to_end)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    assert not kept.exists()
    assert is_away(url)


def test_ended_while_an_answer_waits_it_hangs_up_and_says_nothing(tmp_path):
    with started("simulate", "novala", cwd=tmp_path) as process, ThreadPoolExecutor() as beside:
        url = process.stdout.readline().split()[-1]
        httpx.post(f"{url}/_simulator/faults", json={"method": "GET", "delay": 60})
        asked = beside.submit(httpx.get, f"{url}/api/v1/leads", timeout=PATIENCE)
        time.sleep(0.5)
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
        assert isinstance(asked.exception(), httpx.RemoteProtocolError)


def test_a_port_and_a_seed_are_taken_as_given(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["simulate", "mega", "--port", str(port), "--seed", "7", "--no-rate-limits"]
    dumps = []
    for _ in range(2):
        with started(*words, cwd=tmp_path) as process:
            assert process.stdout.readline() == f"listening on http://127.0.0.1:{port}\n"
            assert json.loads(process.stdout.readline())["rate_limits"] is False
            dumps.append(httpx.get(f"http://127.0.0.1:{port}/_simulator/leads").text)
            process.terminate()
            assert process.wait(20) == 0
    assert dumps[0] == dumps[1]
    assert len(dumps[0].splitlines()) == 100


def test_a_port_that_is_taken_is_named(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert (
            f"port {port} cannot be used" in run("simulate", "mega", "--port", port, code=2).stderr
        )


def test_a_file_that_is_there_is_neither_written_nor_removed(run, tmp_path):
    (tmp_path / "mine.json").write_text("mine")
    assert (
        "mine.json cannot be made" in run("simulate", "mega", "--save", "mine.json", code=2).stderr
    )
    assert (tmp_path / "mine.json").read_text() == "mine"


def test_without_its_extra_it_says_what_to_install(run, monkeypatch):
    monkeypatch.delitem(sys.modules, "leadgateway.simulator.serve", raising=False)
    monkeypatch.delattr("leadgateway.simulator.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "uvicorn.protocols", raising=False)
    for command in (["simulate", "mega"], ["demo"]):
        assert "pip install 'leadgateway[simulator]'" in run(*command, code=2).stderr


def test_a_fault_of_our_own_is_not_blamed_on_the_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, "leadgateway.simulator.serve", raising=False)
    monkeypatch.delattr("leadgateway.simulator.serve", raising=False)
    monkeypatch.setitem(sys.modules, "leadgateway.simulator.asgi", None)
    with pytest.raises(ModuleNotFoundError):
        serving()
    assert not issubclass(ModuleNotFoundError, ConfigError)
