"""An installed vendor's simulator in a process of its own."""

import os

import httpx
import pytest

from leadgateway.simulator import serve
from leadgateway.simulator.serve import launch
from leadgateway_mega.simulator import MegaSimulator


def test_a_launched_simulator_serves_and_is_gone_afterwards():
    with launch("mega", leads=3, seed=7, rate_limits=False) as running:
        assert running.settings == {
            **MegaSimulator(seed=7).settings,
            "base_url": running.url,
            "rate_limits": False,
        }
        assert len(httpx.get(f"{running.url}/_simulator/leads").text.splitlines()) == 3
        headers = {
            "authorization": f"Bearer {running.settings['token']}",
            "x-customer-id": running.settings["customer_id"],
        }
        listed = httpx.get(f"{running.url}/api/agents/crm/leads", headers=headers)
        assert "ratelimit-limit" not in listed.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(running.url)


DEAF = """#!/bin/sh
trap '' TERM
echo "listening on http://127.0.0.1:1"
echo '{"pid": "'$$'"}'
while :; do sleep 0.05; done
"""


def test_a_process_that_will_not_end_is_killed(monkeypatch, tmp_path):
    program = tmp_path / "deaf"
    program.write_text(DEAF)
    program.chmod(0o700)
    monkeypatch.setattr(serve.sys, "executable", str(program))
    monkeypatch.setattr(serve, "_PATIENCE", 0.1)
    with launch("any") as running:
        pid = int(running.settings["pid"])
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_unknown_vendor_is_an_error(capfd):
    with pytest.raises(RuntimeError, match="before it listened"), launch("nobody"):
        pass
    assert "invalid choice: 'nobody'" in capfd.readouterr().err
